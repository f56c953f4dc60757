"""Objectives of a record, by the frameworks they are combined under."""

from collections.abc import Mapping

from service.records.combining import RATINGS, Attainment, Part
from service.records.framework_parts import Ratings
from service.records.frameworks import load

NOT_MET, PARTLY_MET, MET, EXCEEDED, FAR_EXCEEDED = Attainment
BY_RATING = {rating: attainment for attainment, rating in RATINGS.items()}
US = load("us-ses-2012")
UK = load("uk-scs-2025")
AU = load("au-aps-ses")
CA = load("ca-ex")
AU_WITH_A_SCALE = AU.model_copy(update={"ratings": Ratings(levels=US.ratings.levels)})
ELEMENTS = [element.code for element in US.elements]
WEIGHTS = dict(zip(ELEMENTS, (10, 10, 10, 10, 60), strict=True))


def rated(
    ratings: Mapping[str, int | None], weights: Mapping[str, int] = WEIGHTS
) -> list[Part]:
    """One objective for each element, with a rating of 1 to 5."""
    return [
        Part(element, None, weights[element], BY_RATING[rating] if rating else None)
        for element, rating in ratings.items()
    ]


def all_rated(*ratings: int | None) -> list[Part]:
    return rated(dict(zip(ELEMENTS, ratings, strict=True)))


def standard(code: str, attainment: Attainment | None) -> Part:
    return Part(None, code, None, attainment)


def of_au(
    outcomes: Attainment | None, behaviours: Attainment | None, *more: Part
) -> list[Part]:
    return [
        Part("outcomes", None, None, outcomes),
        Part("behaviours", None, None, behaviours),
        *more,
    ]
