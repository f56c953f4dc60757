"""A form says of each field what is wrong, and nobody types anything twice."""

from typing import Annotated, Any

import httpx
import pytest
from litestar import Litestar, Request, post
from pydantic import Field

from service.auth.guard import PUBLIC
from service.edge import problems
from service.errors import Fault, NotFound, Stale, Unprocessable
from service.web.forms import WHOLE, Filled, Form, checked, read, started


class Asked(Form):
    reason: Annotated[str, Field(max_length=10)]
    share: int
    people: tuple[str, ...] = ()
    note: str | None = None


SENTENCES = {
    ("reason", "missing"): "Enter a reason",
    ("reason", "string_too_long"): "Reason must be 10 characters or less",
    ("share", "*"): "Enter a share as a whole number",
}


def filled(**values: str | tuple[str, ...]) -> Filled[Asked]:
    sent = {k: v if isinstance(v, tuple) else (v,) for k, v in values.items()}
    return checked(sent, Asked, SENTENCES)


def test_what_is_right_is_read() -> None:
    read_as = filled(reason="  because ", share="40", people=("a", "b"), note="").form
    assert read_as == Asked(reason="because", share=40, people=("a", "b"))
    assert read_as.note is None


def test_each_field_has_one_sentence_in_the_order_of_the_form() -> None:
    wrong = filled(share="many", reason="far too long a reason")
    assert wrong.form is None
    assert [*wrong.errors.items()] == [
        ("reason", "Reason must be 10 characters or less"),
        ("share", "Enter a share as a whole number"),
    ]


def test_their_words_are_kept_as_they_wrote_them() -> None:
    wrong = filled(share=" many", reason="")
    assert wrong.value("share") == " many"
    assert wrong.errors["reason"] == "Enter a reason"
    assert wrong.value("note") == ""


def test_a_field_nobody_asked_for_is_refused() -> None:
    assert [*filled(reason="r", share="1", role="admin").errors] == ["role"]


def test_of_a_field_sent_twice_the_last_counts_and_a_list_takes_all() -> None:
    read_as = filled(reason=("a", "b"), share="1", people=("x", "y")).form
    assert read_as == Asked(reason="b", share=1, people=("x", "y"))


def test_a_form_shows_what_it_starts_with() -> None:
    form = started(share=40, people=["a", "b"], note=None)
    assert form.value("share") == "40"
    assert form.checked("people", "b")
    assert not form.checked("people", "c")
    assert form.value("note") == ""


class NoReason(Unprocessable):
    """It needs a reason."""

    slug = "feedback-no-reason"


def test_a_rule_speaks_at_its_field() -> None:
    refusal = NoReason("Say why.", faults=[Fault("Say why.", pointer="#/reason")])
    given = filled(reason="r", share="1")
    assert given.refused(refusal, {"#/reason": "reason"}).errors == {
        "reason": "Say why."
    }
    assert given.refused(refusal).errors == {WHOLE: "Say why."}
    assert given.refused(refusal).form is None


def test_a_rule_without_a_field_speaks_for_the_whole() -> None:
    said = filled(reason="r", share="1").refused(Stale("Send If-Match again."))
    assert "Somebody has changed this" in said.errors[WHOLE]
    assert said.value("reason") == "r"


def test_what_is_not_there_stays_so() -> None:
    with pytest.raises(NotFound):
        filled(reason="r", share="1").refused(NotFound("No."))


@post("/", security=PUBLIC, status_code=200)
async def echo(request: Request[Any, Any, Any]) -> dict[str, Any]:
    given = await read(request, Asked, SENTENCES)
    return {"values": given.values, "errors": given.errors}


async def sent(content: bytes, kind: str) -> httpx.Response:
    app = Litestar([echo], exception_handlers={Exception: problems.answer})
    transport = httpx.ASGITransport(app)  # type: ignore[arg-type] # Litestar's own
    async with httpx.AsyncClient(transport=transport, base_url="http://a") as client:
        return await client.post("/", content=content, headers={"content-type": kind})


URLENCODED = "application/x-www-form-urlencoded"


async def test_line_ends_are_one_character_and_the_guard_is_taken_off() -> None:
    answer = await sent(b"_csrf=x&reason=a%0D%0Ab%0Dc&share=1", URLENCODED)
    assert answer.json() == {
        "values": {"reason": ["a\nb\nc"], "share": ["1"]},
        "errors": {},
    }


@pytest.mark.parametrize(
    ("content", "kind", "status"),
    [
        (b"reason=%ff", URLENCODED, 400),
        (b"\xff", URLENCODED, 400),
        (b"reason=%00", URLENCODED, 400),
        (b"a=1&" * 2000, URLENCODED, 400),
        (b'{"reason": "r"}', "application/json", 415),
        (b"reason=r", "text/plain", 415),
    ],
)
async def test_what_is_no_form_is_refused(
    content: bytes, kind: str, status: int
) -> None:
    assert (await sent(content, kind)).status_code == status
