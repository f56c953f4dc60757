"""What a page is made of, as a parser of HTML reads it."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urlsplit

VOID = frozenset(
    re.findall(r"\w+", "area base br col embed hr img input link meta source track wbr")
)
ADDRESSES = frozenset(
    re.findall(
        r"\S+",
        "action background cite data formaction href poster src srcset xlink:href",
    )
)


@dataclass
class Read(HTMLParser):
    """The elements of a page, in their order."""

    elements: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    texts: dict[str, list[str]] = field(default_factory=dict)
    """The words within each kind of element."""
    closed: set[str] = field(default_factory=set)
    _open: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        super().__init__(convert_charrefs=True)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
            self.texts.setdefault(tag, []).append("")

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        self.closed.add(tag)
        if tag in self._open:
            while self._open.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        for tag in set(self._open):
            self.texts[tag][-1] += data

    def of(self, tag: str) -> list[str]:
        """The words of every element of a kind, spaces joined."""
        return [" ".join(text.split()) for text in self.texts.get(tag, ())]

    @property
    def shape(self) -> list[tuple[str, tuple[str, ...]]]:
        """Elements and the names of their attributes, in order."""
        return [(tag, tuple(sorted(attrs))) for tag, attrs in self.elements]

    @property
    def addresses(self) -> list[str]:
        """Wherever the page leads, sends to, or loads from."""
        return [
            value
            for _, attrs in self.elements
            for name, value in attrs.items()
            if name in ADDRESSES
        ]


@dataclass(frozen=True)
class Asked:
    """A form that a page asks for."""

    action: str
    hidden: dict[str, str] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    """Fields in which people write."""


def forms(page: Read) -> list[Asked]:
    """The forms of a page that are posted; one without an address is sent to itself."""
    found: list[Asked] = []
    for tag, attrs in page.elements:
        if tag == "form":
            found.append(Asked(attrs.get("action", "")))
            if attrs.get("method", "get").lower() != "post":
                found[-1] = Asked("")
        elif found and tag == "input" and attrs.get("type") == "hidden":
            found[-1].hidden[attrs["name"]] = attrs.get("value", "")
        elif found and (tag == "textarea" or attrs.get("type") in {"text", "email"}):
            found[-1].words.append(attrs["name"])
    return [each for each in found if each.hidden and each.words]


def read(text: str) -> Read:
    page = Read()
    page.feed(text)
    page.close()
    return page


def inline(page: Read, allowed: str) -> list[str]:
    """What a strict policy would block: styles, handlers and scripts in the page."""
    found = [
        f"{tag} {name}"
        for tag, attrs in page.elements
        for name in attrs
        if name == "style" or name.startswith("on")
    ]
    scripts = zip(
        (attrs for tag, attrs in page.elements if tag == "script"),
        page.of("script"),
        strict=True,
    )
    found += [f"script {text}" for _, text in scripts if text not in {"", allowed}]
    return found + [tag for tag, _ in page.elements if tag == "style"]


def elsewhere(addresses: Iterable[str], host: str) -> list[str]:
    """Those that lead to another host, or run something."""
    return [
        each
        for each in addresses
        if urlsplit(each).netloc not in {"", host}
        or urlsplit(each).scheme not in {"", "http", "https", "mailto", "tel"}
    ]
