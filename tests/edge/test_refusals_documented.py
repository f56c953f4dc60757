"""Every refusal has its paragraph in openapi/problems.md, and no others are there."""

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages

import pytest

import service
from service.errors import Refusal

PROBLEMS = Path(service.__file__).parents[1] / "openapi" / "problems.md"
SLUG = re.compile(r"[a-z]+(-[a-z]+)*")


def below(kind: type[Refusal]) -> Iterator[type[Refusal]]:
    for each in kind.__subclasses__():
        yield each
        yield from below(each)


@pytest.fixture(scope="module")
def refusals() -> list[type[Refusal]]:
    for module in walk_packages(service.__path__, "service."):
        if not module.name.endswith("__main__"):
            import_module(module.name)
    ours = {kind for kind in below(Refusal) if kind.__module__.startswith("service.")}
    return sorted(ours, key=lambda kind: kind.__qualname__)


@pytest.fixture(scope="module")
def paragraphs() -> dict[str, str]:
    _, *sections = PROBLEMS.read_text().split("\n## ")
    found = [section.split("\n", 1) for section in sections]
    assert len({slug for slug, _ in found}) == len(found)
    return {slug: " ".join(text.split()) for slug, text in found}


def test_each_refusal_has_a_slug_of_its_own(refusals: list[type[Refusal]]) -> None:
    slugs = [kind.slug for kind in refusals]

    assert sorted(slugs) == sorted(set(slugs))
    assert [slug for slug in slugs if not SLUG.fullmatch(slug)] == []


def test_each_refusal_has_a_title_of_one_sentence(
    refusals: list[type[Refusal]],
) -> None:
    titles = {kind.__name__: kind.title() for kind in refusals}

    assert {
        name: title
        for name, title in titles.items()
        if not (title.endswith(".") and title != name)
    } == {}


def test_each_refusal_is_documented(
    refusals: list[type[Refusal]], paragraphs: dict[str, str]
) -> None:
    starts = {kind.slug: f"{kind.status}: {kind.title()} " for kind in refusals}

    assert {
        slug: text[: len(starts.get(slug, ""))] for slug, text in paragraphs.items()
    } == starts


def test_each_paragraph_says_what_to_do(
    refusals: list[type[Refusal]], paragraphs: dict[str, str]
) -> None:
    starts = {kind.slug: f"{kind.status}: {kind.title()} " for kind in refusals}

    assert {
        slug
        for slug, text in paragraphs.items()
        if len(text.removeprefix(starts[slug])) < 20
    } == set()
