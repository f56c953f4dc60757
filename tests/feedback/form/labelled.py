"""Sentences with what may tell who wrote them marked, as `sentences.txt` has them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from service.feedback.form.hinting.words import Kind, Span

SENTENCES = Path(__file__).with_name("sentences.txt")
MARK = re.compile(r"\[(\w+)\|([^\]]+)\]")


@dataclass(frozen=True)
class Labelled:
    text: str
    spans: tuple[Span, ...]


def labelled(part: str) -> list[Labelled]:
    """The sentences of one part, `practice` or `fresh`."""
    return [_read(line) for line in _lines(part)]


def _lines(part: str) -> Iterator[str]:
    here = ""
    for line in SENTENCES.read_text(encoding="utf-8").splitlines():
        if line in {"[practice]", "[fresh]"}:
            here = line.strip("[]")
        elif here == part and line and not line.startswith("#"):
            yield line


def _read(line: str) -> Labelled:
    text, spans, at = "", [], 0
    for mark in MARK.finditer(line):
        text += line[at : mark.start()]
        spans.append(Span(len(text), len(text) + len(mark[2]), Kind(mark[1])))
        text += mark[2]
        at = mark.end()
    return Labelled(text + line[at:], tuple(spans))


def matches(found: Span, told: Span) -> bool:
    """Of the same kind, and about the same words: they overlap."""
    return found.kind == told.kind and (
        found.start < told.end and told.start < found.end
    )
