"""Who plans, reports and dissents, and for which organisation: by their part today.

The law: a machine acts for the lead alone; what somebody reports stays with the
organisation for which they acted, wherever they move.
"""

from collections.abc import Collection
from uuid import UUID

from service.auth.caller import Person
from service.objectives.audience import sets
from service.objectives.changing import Work
from service.objectives.rules import NotYours


def check_plans(work: Work) -> None:
    """Refuse whoever sees an objective and does not plan how it gets on."""
    if not _plans(work):
        raise NotYours(
            "The subject, their line manager or an accountable owner plans it: ask"
            " them."
        )


def _plans(work: Work) -> bool:
    fact = work.fact
    return sets(fact.person, fact.organisation, work.standing, work.caller) or (
        isinstance(work.caller, Person)
        and work.caller.id in {fact.person, *fact.owning}
    )


def check_works(work: Work) -> None:
    """Refuse whoever neither plans an objective nor contributes to it."""
    people = {part.person for part in work.fact.live}
    works = isinstance(work.caller, Person) and work.caller.id in people
    if not works and not _plans(work):
        raise NotYours("Those who contribute or plan it report this: ask one of them.")


def check_owns(work: Work) -> Person:
    """Return the accountable owner who asks; refuse everybody else."""
    if not isinstance(work.caller, Person) or work.caller.id not in work.fact.owning:
        raise NotYours("An accountable owner reports its one status: ask them.")
    return work.caller


def acting_for(work: Work) -> str:
    """Return the organisation for which the caller acts: machines, for the lead."""
    fact = work.fact
    if not isinstance(work.caller, Person):
        return fact.organisation
    person = work.caller.id
    if person in fact.owning:
        return fact.owning[person]
    for part in fact.live:
        if part.person == person:
            return part.organisation
    return work.standing.organisations.get(person, fact.organisation)


def dissenting_for(work: Work, reporting: str) -> tuple[Person, str]:
    """Return who dissents from a status of `reporting`, and for which organisation.

    A contributor of another organisation does, or that contributor's line manager.
    """
    caller = work.caller
    if isinstance(caller, Person):
        elsewhere = [part for part in work.fact.live if part.organisation != reporting]
        own = {part.organisation for part in elsewhere if part.person == caller.id}
        answered_for = {
            part.organisation
            for part in elsewhere
            if work.standing.managers.get(part.person) == caller.id
        }
        for found in (own, answered_for):
            if found:
                return caller, _one_of(found, caller.id, work)
    raise NotYours(
        "A contributor of another organisation than the one that reported it dissents,"
        " or that contributor's line manager."
    )


def _one_of(organisations: Collection[str], person: UUID, work: Work) -> str:
    """Return the person's own, where they answer for people of several."""
    here = work.standing.organisations.get(person, "")
    return here if here in organisations else min(organisations)
