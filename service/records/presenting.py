"""Records as callers see them."""

from typing import Final

from service.edge.shaping import written_csv
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


HEADING: Final = f"{','.join(RecordOut.model_fields)}\n".encode()


def csv_line(fact: RecordFact) -> bytes:
    """Present a record as a line of CSV, under `HEADING`."""
    shown = record_out(fact).model_dump(mode="json")
    return written_csv([str(value) for value in shown.values()]).encode()
