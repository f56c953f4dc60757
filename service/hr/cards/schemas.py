"""What a portal's server is given."""

from datetime import datetime
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field


class CardOut(BaseModel):
    """A link to a card."""

    model_config = ConfigDict(frozen=True)

    url: Annotated[
        str,
        Field(
            description="For the `src` of an `iframe`. It needs no sign-in: give it to"
            " the one browser that is shown the page, and keep it nowhere."
        ),
    ]
    expires_at: datetime
