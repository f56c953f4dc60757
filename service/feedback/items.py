"""The form, version 1: eight behaviours on a five-point frequency scale.

The words are ours. A published version never changes: a new wording is a new version.
"""

from types import MappingProxyType
from typing import Final

FORM_VERSION: Final = 1
LOWEST: Final = 1
HIGHEST: Final = 5
FEWEST_OBSERVED: Final = 3
"""Items that must be observed for a form to count."""

BEHAVIOURS: Final = MappingProxyType(
    {
        "shares_early": "Shares information with partners before it is asked for",
        "involves_first": "Involves partners before decisions close",
        "trades_off": "Trades off their own interest for the joint outcome",
        "keeps_commitments": "Keeps commitments to partners",
        "resolves": "Resolves disputes at the right level",
        "credits": "Gives credit elsewhere",
        "frees_people": "Frees people, and encourages their own team to co-operate",
        "challenges": "Challenges constructively when things go wrong",
    }
)
"""Item to the behaviour it asks about."""
FREQUENCIES: Final = MappingProxyType(
    {1: "Rarely", 2: "Sometimes", 3: "About half the time", 4: "Often", 5: "Always"}
)
"""Answer to its words; no answer means not observed."""
