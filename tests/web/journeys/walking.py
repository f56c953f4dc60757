"""Somebody who walks through the pages, and what they see on their way.

Without scripts a page cannot be asked anything from inside, so everything here goes by
what is shown; what only scripts can measure is measured where they run.
"""

import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from itertools import count
from pathlib import Path
from uuid import UUID

from playwright.async_api import Page, expect

from tests.web.browser import DESK, PHONE, Site, too_wide

SHOTS = os.environ.get("SCREENSHOTS")
"""A folder for pictures of every page that is walked through; none if not given."""
_number = count(1)


@dataclass(frozen=True)
class Window:
    """How wide somebody's browser is, and whether it runs scripts."""

    width: int
    scripts: bool

    def __str__(self) -> str:
        place = "phone" if self.width == PHONE else "desk"
        return place if self.scripts else f"{place} without scripts"


WINDOWS = tuple(
    Window(width, scripts) for width in (PHONE, DESK) for scripts in (True, False)
)


@dataclass(frozen=True)
class Walk:
    """Somebody's browser."""

    page: Page
    window: Window
    name: str
    seen: list[str] = field(default_factory=list)
    """The headings that were walked by."""

    async def to(self, path: str, heading: str) -> None:
        """Open an address, as from a mail."""
        await self.page.goto(path)
        await self.at(heading)

    async def at(self, heading: str) -> None:
        """Stand before a page of this heading, and look at it."""
        shown = self.page.get_by_role("heading", level=1)
        await expect(shown).to_contain_text(heading)
        said = " ".join((await shown.inner_text()).split())
        title = re.compile(f"^(Error: )?{re.escape(said)} - Joined-up Appraisal$")
        await expect(self.page).to_have_title(title)
        if self.window.scripts:
            assert not await too_wide(self.page), said
        self.seen.append(said)
        await self.look(said)

    async def look(self, what: str) -> None:
        """Take a picture, if somebody wants to look at them."""
        if SHOTS:
            words = re.sub(r"[^a-z]+", "-", f"{self.name} {what}".lower())[:70]
            place = str(self.window).replace(" ", "-")
            path = Path(SHOTS) / f"{next(_number):04}-{place}-{words}.png"
            await self.page.screenshot(path=path, full_page=True)

    async def follow(self, link: str) -> None:
        """Follow the first link that says this, whatever it looks like."""
        await self.page.locator("a:visible", has_text=link).first.click()

    async def press(self, button: str) -> None:
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def write(self, **texts: str) -> None:
        """Fill in fields by their names."""
        for name, text in texts.items():
            await self.page.locator(f'[name="{name}"]:not([type="hidden"])').fill(text)

    async def choose(self, **values: str) -> None:
        """Choose answers by the names of their questions."""
        for name, value in values.items():
            await self.page.locator(f'input[name="{name}"][value="{value}"]').check()

    async def reads(self, *sentences: str) -> None:
        """See each of these on the page."""
        for sentence in sentences:
            await expect(self.page.locator("main")).to_contain_text(sentence)

    async def reads_nothing_of(self, *sentences: str) -> None:
        for sentence in sentences:
            await expect(self.page.locator("main")).not_to_contain_text(sentence)

    async def is_told(self, *sentences: str) -> None:
        """Have a form come back, with these in its summary and at its fields."""
        await expect(self.page).to_have_title(re.compile("^Error: "))
        summary = self.page.locator(".govuk-error-summary")
        for sentence in sentences:
            await expect(summary).to_contain_text(sentence)
        if self.window.scripts:
            await expect(summary).to_be_focused()
        await self.look(f"told {sentences[0]}")


@dataclass(frozen=True)
class Walking:
    """Opens browsers of one kind before the service."""

    site: Site
    window: Window

    @asynccontextmanager
    async def of(
        self, person: UUID | None, organisation: str = "", name: str = "Sam Person"
    ) -> AsyncIterator[Walk]:
        """Give the browser of somebody who has signed in, or of a stranger."""
        async with self.site.page(
            person,
            organisation,
            width=self.window.width,
            scripts=self.window.scripts,
            name=name,
        ) as page:
            yield Walk(page, self.window, name)
