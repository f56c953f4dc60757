"""Records as callers see them."""

from service.records.queries import RecordFact
from service.records.schemas import RecordOut


def record_out(fact: RecordFact) -> RecordOut:
    """Present a record: where it is in the HR system, and whose it is here."""
    return RecordOut(
        id=fact.id,
        organisation=fact.organisation,
        cycle=fact.cycle,
        source_system=fact.source,
        external_id=fact.external_id,
        person=fact.person,
        version=fact.version,
    )
