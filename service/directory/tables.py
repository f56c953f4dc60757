"""The directory as stored. A row holds from `valid_from` to before `valid_to`."""

from piccolo.columns import (
    UUID,
    BigInt,
    Boolean,
    Column,
    Date,
    Integer,
    Numeric,
    Text,
    Varchar,
)
from piccolo.table import Table

from service.db import DB, one_of
from service.directory.rules import (
    LineKind,
    NameKind,
    Occupancy,
    PostingKind,
    Succession,
)


class Organisation(Table, db=DB, tablename="organisation"):
    """A department or body that appraises its own people."""

    code = Varchar(length=40, primary_key=True, default=None)
    parent_name = Varchar(length=200, default=None, null=True)
    hr_system = Varchar(length=40, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)


class OrganisationName(Table, db=DB, tablename="organisation_name"):
    """What an organisation was called, and when."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    name = Varchar(length=200, default=None)
    kind = Varchar(length=20, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)
    organisation_name_kind_is_known = one_of("kind", NameKind)


class OrganisationLineage(Table, db=DB, tablename="organisation_lineage"):
    """One organisation that became, or became part of, another."""

    id = UUID(primary_key=True, default=None)
    predecessor = Varchar(length=40, default=None)
    successor = Varchar(length=40, default=None)
    kind = Varchar(length=20, default=None)
    on_date = Date(default=None)
    organisation_lineage_kind_is_known = one_of("kind", Succession)


class OrganisationDomain(Table, db=DB, tablename="organisation_domain"):
    """An e-mail domain, which belongs to one organisation at a time."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    domain = Varchar(length=253, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)


class Person(Table, db=DB, tablename="person"):
    """One human. All else about them is dated and stands in other tables."""

    id = UUID(primary_key=True, default=None)
    discoverable = Boolean(
        default=None, help_text="False: found by nobody outside their organisation."
    )
    version = Integer(default=1, help_text="Counts changes of `discoverable`.")


class PersonDetails(Table, db=DB, tablename="person_details"):
    """What an organisation calls a person."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None)
    given_name = Varchar(length=100, default=None)
    family_name = Varchar(length=100, default=None)
    email = Varchar(length=254, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)


class PersonIdentifier(Table, db=DB, tablename="person_identifier"):
    """What a source within an organisation knows a person by."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None)
    source = Varchar(length=40, default=None)
    external_id = Varchar(length=120, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)


class HrRecord(Table, db=DB, tablename="hr_record"):
    """An appraisal record that the HR system keeps for a person."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None)
    source = Varchar(length=40, default=None)
    external_record_id = Varchar(length=120, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)


class Post(Table, db=DB, tablename="post"):
    """A box on the organogram, whoever holds it."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    reference = Varchar(length=60, default=None)
    title = Varchar(length=300, default=None)
    unit = Varchar(length=300, default=None, null=True)
    grade = Varchar(length=40, default=None)
    occupancy = Varchar(length=20, default=None)
    reports_to_organisation = Varchar(length=40, default=None, null=True)
    reports_to_reference = Varchar(
        length=60,
        default=None,
        null=True,
        help_text="As published: there may be no such post.",
    )
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)
    post_occupancy_is_known = one_of("occupancy", Occupancy)


class Posting(Table, db=DB, tablename="posting"):
    """What a person does in an organisation, and for how much of the week."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None)
    grade = Varchar(length=40, default=None)
    title = Varchar(length=300, default=None)
    unit = Varchar(length=300, default=None, null=True)
    post_reference = Varchar(length=60, default=None, null=True)
    fte = Numeric(digits=(5, 4), default=None)
    kind = Varchar(length=20, default=None)
    started_on = Date(default=None, help_text="As HR states it.")
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)
    posting_kind_is_known = one_of("kind", PostingKind)


class ReportingLine(Table, db=DB, tablename="reporting_line"):
    """Who answers for a person."""

    organisation = Varchar(length=40, default=None)
    id = UUID(primary_key=True, default=None)
    person = UUID(default=None)
    manager = UUID(default=None)
    kind = Varchar(length=20, default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)
    reporting_line_kind_is_known = one_of("kind", LineKind)


class ImportLock(Table, db=DB, tablename="import_lock"):
    """One row, held by the one import that may run."""

    one = Boolean(primary_key=True, default=None)


class TsVector(Column):
    """PostgreSQL's words to search in, which Piccolo has no name for."""

    value_type = str


class PersonTopic(Table, db=DB, tablename="person_topic"):
    """What a shared objective that a person contributes to is about, for one party."""

    organisation = Varchar(
        length=40, primary_key=True, default=None, help_text="Contributed for."
    )
    person = UUID(primary_key=True, default=None)
    objective = UUID(primary_key=True, default=None)
    seen_by = Varchar(length=40, primary_key=True, default=None)
    words = Text(default=None)


class PersonSearch(Table, db=DB, tablename="person_search"):
    """A posting as it is searched; written by triggers on what it is drawn from."""

    organisation = Varchar(length=40, default=None)
    id = BigInt(primary_key=True, default=None, help_text="Given by the database.")
    posting = UUID(default=None)
    seen_by = Varchar(
        length=40, default=None, null=True, help_text="Null: without any topics."
    )
    person = UUID(default=None)
    given_name = Varchar(length=100, default=None)
    family_name = Varchar(length=100, default=None)
    title = Varchar(length=300, default=None)
    unit = Varchar(length=300, default=None, null=True)
    fte = Numeric(digits=(5, 4), default=None)
    valid_from = Date(default=None)
    valid_to = Date(default=None, null=True)
    given = Text(default=None, help_text="As it is compared.")
    family = Text(default=None, help_text="As it is compared.")
    words = Text(default=None)
    lexemes = TsVector(default=None)
