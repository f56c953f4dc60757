"""Every refusal that a person can meet has its sentence, in both languages."""

import importlib
import pkgutil
import tomllib
from collections.abc import Iterator

import service
from service.errors import NotFound, Refusal, Stale
from service.web.language import Language, _spoken
from service.web.refusing import SENTENCES, sentence_of

FOR_PROGRAMS = (
    "service.auth.",
    "service.changes.",
    "service.cli.",
    "service.db.",
    "service.demo.",
    "service.directory.provisioning.",
    "service.edge.",
    "service.hr.attachment.",
    "service.hr.feed.",
    "service.hr.exports.validating",
    "service.scores.estimation.",
)
"""Rooms whose refusals no page meets, but for those that are written down besides."""
OUR_FAULT = 500
BY_COMMANDS = {"cycle-already-published", "cycle-inputs-changed", "cycle-not-computed"}
BY_COMMANDS |= {"method-changed", "method-unknown", "organisation-wrong-succession"}


def refusals(of: type[Refusal] = Refusal) -> Iterator[type[Refusal]]:
    for module in pkgutil.walk_packages(service.__path__, "service."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)
    yield from _below(of)


def _below(of: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in of.__subclasses__():
        yield each
        yield from _below(each)


def written() -> dict[str, dict[str, str]]:
    return tomllib.loads(SENTENCES.read_text(encoding="utf-8"))


def test_every_refusal_a_page_can_meet_has_its_welsh() -> None:
    met = {
        each.slug
        for each in refusals()
        if each.__module__.startswith("service.")
        and not each.__module__.startswith(FOR_PROGRAMS)
        and each.status < OUR_FAULT
    }
    assert len(met) > 100
    said = {slug for slug, sentences in written().items() if "cy" in sentences}
    assert met - said - BY_COMMANDS - {"not-acceptable"} == set()


def test_nothing_is_said_of_a_refusal_there_is_not() -> None:
    known = {getattr(each, "slug", None) for each in refusals()}
    assert written().keys() - known == set()


def test_a_sentence_ends_as_one_does() -> None:
    for slug, sentences in written().items():
        for said in sentences.values():
            assert said.endswith("."), slug


def test_a_person_is_not_told_what_programs_are() -> None:
    assert "If-Match" not in sentence_of(Stale("Send If-Match with the ETag."))
    assert sentence_of(NotFound("No organisation has the code xyz.")).startswith(
        "There is no such page"
    )


def test_in_welsh_too() -> None:
    before = _spoken.set(Language.WELSH)
    try:
        assert sentence_of(Stale("x")).startswith("Mae rhywun wedi newid hyn")
    finally:
        _spoken.reset(before)
