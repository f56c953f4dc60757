"""What a page says of a refusal.

The law: a person is told what they can do, in their language, never what a program
would be told.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Final

from service.errors import Refusal
from service.web.language import Language, spoken

SENTENCES: Final = Path(__file__).parent / "refusals.toml"


def sentence_of(refusal: Refusal) -> str:
    """Return what a person is told; in English the refusal's own words come first."""
    said = _sentences().get(refusal.slug, {}).get(spoken())
    if said:
        return said
    return refusal.title() if spoken() is Language.WELSH else str(refusal)


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    return tomllib.loads(SENTENCES.read_text(encoding="utf-8"))
