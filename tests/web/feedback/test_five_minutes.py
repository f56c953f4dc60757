"""A rater who has never seen the form has read and filled it in within five minutes.

Counted as people read: 200 words a minute, eight seconds for each question. What a line
hides until it is opened is not read, nor the box of an example that no answer asks for;
what stands there word for word as before is not read again.
"""

from html.parser import HTMLParser

from service.feedback.form.items import BEHAVIOURS, Box
from tests.web.feedback.rating import Rating

A_MINUTE = 200
A_QUESTION = 8
MOST = 300
"""Seconds."""
VOID = {"input", "br", "img", "link", "meta"}


class Read(HTMLParser):
    """What of a page is read, text by text."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[tuple[str, bool]] = []
        self.texts: list[str] = []
        self.questions: set[str] = set()
        self.boxes: set[str] = set()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        hides = (
            given.get("class") in {"govuk-details__text", "app-example"}
            or "visually-hidden" in (given.get("class") or "")
            or tag in {"script", "style"}
        )
        if tag not in VOID:
            self.open.append((tag, hides or self.hidden))
        if self.hidden or not self.inside("main"):
            return
        name = given.get("name") or ""
        if tag == "input" and given.get("type") in {"radio", "text"}:
            self.questions.add(name)
        if tag == "textarea":
            self.boxes.add(name)

    def handle_endtag(self, tag: str) -> None:
        while self.open and self.open.pop()[0] != tag:
            pass

    def handle_data(self, data: str) -> None:
        if self.inside("main") and not self.hidden and data.strip():
            self.texts.append(" ".join(data.split()))

    @property
    def hidden(self) -> bool:
        return bool(self.open) and self.open[-1][1]

    def inside(self, wanted: str) -> bool:
        return any(tag == wanted for tag, _ in self.open)


def words(texts: list[str]) -> int:
    return sum(len(text.split()) for text in texts)


async def test_it_takes_less_than_five_minutes(rater: Rating) -> None:
    page = Read()
    page.feed((await rater.get()).text)
    new = [*dict.fromkeys(page.texts)]
    assert page.questions == {*BEHAVIOURS, "months", "frequency", "basis"}
    assert page.boxes == {*Box}
    seconds = words(new) / A_MINUTE * 60 + len(page.questions) * A_QUESTION
    assert seconds < MOST, (words(new), words(page.texts), len(page.questions))
    # One page: whoever answers without telling words is done at the next.
    assert (await rater.fill_in()).headers["location"] == f"{rater.path}/sent"
