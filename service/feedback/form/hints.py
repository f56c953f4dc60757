"""Points out to raters, before they send, words that may tell who wrote them.

The law: it advises the rater and nobody else; it never blocks, changes or keeps a word.
Pure, without learning, in time linear in the text.
"""

from collections.abc import Collection, Iterable

from service.feedback.form.hinting.capitals import capitals, known, wholes
from service.feedback.form.hinting.patterns import dates, patterns
from service.feedback.form.hinting.phrases import phrases
from service.feedback.form.hinting.words import Kind, Span, Word, lists, words_of
from service.feedback.form.items import Language


def find(
    text: str,
    *,
    names: Collection[str] = (),
    organisations: Collection[str] = (),
) -> list[Span]:
    """Return what may identify the rater, in the order of the text; no two overlap.

    `names` are the rater's own, `organisations` names and codes of those known here.
    """
    words = words_of(text)
    kept = _Kept(text)
    # The surest first: of two that overlap, the one that came first stays.
    kept.take(patterns(text))
    kept.take(phrases(words))
    kept.take(dates(words))
    by_name = [*known(words, names, organisations)]
    kept.take(span for span in by_name if " " in text[span.start : span.end])
    kept.take(wholes(words, kept.free(words)))
    kept.take(by_name)
    kept.take(capitals(words, kept.free(words)))
    return sorted(kept.spans, key=lambda span: span.start)


class _Kept:
    """Spans that do not overlap."""

    def __init__(self, text: str) -> None:
        """Keep none yet."""
        self.spans: list[Span] = []
        self._taken = bytearray(len(text))

    def is_free(self, start: int, end: int) -> bool:
        return not any(self._taken[start:end])

    def free(self, words: Iterable[Word]) -> list[bool]:
        return [self.is_free(word.start, word.end) for word in words]

    def take(self, spans: Iterable[Span]) -> None:
        for span in spans:
            if self.is_free(span.start, span.end):
                self._taken[span.start : span.end] = b"\1" * (span.end - span.start)
                self.spans.append(span)


def sentence(kind: Kind, language: Language) -> str:
    """Return what to say to the rater beside the words."""
    said: str = lists()["sentences"][kind][language]
    return said
