"""The form as callers see it."""

from typing import Annotated

from pydantic import Field

from service.feedback.form.data import Form, Words
from service.feedback.form.items import EXTREMES, HIGHEST, LONGEST_TEXT, LOWEST


class FormOut(Words):
    """One version of the form in one language."""

    version: int
    lowest: int = LOWEST
    highest: int = HIGHEST
    example_for: Annotated[
        tuple[int, ...], Field(description="The answers that need an example.")
    ] = EXTREMES
    longest_text: Annotated[
        int, Field(description="Characters of an example or of a text.")
    ] = LONGEST_TEXT


def shown(form: Form, language: str) -> FormOut:
    """Return the form as everybody sees it in that language."""
    words = form.in_language(language)
    return FormOut(version=form.version, **words.model_dump())
