"""Filters find in SQL whom scim2-models finds in memory, and break nothing."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scim2_models import InvalidFilterException, ScimFilter

from service.db import transaction
from service.directory.provisioning.filters import where
from service.directory.provisioning.schemas import MODEL, PROVIDER
from tests.directory.provisioning.an_identity_provider import (
    ENTERPRISE,
    JOINEDUP,
    IdentityProvider,
    a_user,
)
from tests.factories import an_organisation

PEOPLE = (
    a_user("ann"),
    a_user("Bob", title=None, displayName="50% _off_ \\ 'Bob'", active=False),
    a_user("jo", **{ENTERPRISE: {"manager": {"value": "N-Ann"}}}),
    a_user("kit", externalId=None, emails=[], **{JOINEDUP: {"personId": "W-17"}}),
    a_user(
        "zoë",
        emails=[
            {"value": "zoe@defra.example", "type": "work", "primary": True},
            {"value": "z@home.example", "type": "home"},
        ],
    ),
)
FILTERS = (
    'userName eq "JO@defra.example"',
    'userName ne "jo@defra.example"',
    'userName sw "K"',
    'userName co "defra"',
    'userName ew "EXAMPLE"',
    'userName gt "jo"',
    'userName eq "ZOË@DEFRA.example"',
    'userName sw "zoe\u0308"',
    'name.givenName eq "zOË"',
    'userName le "jo@defra.example"',
    'userName co "%"',
    'displayName co "%"',
    'displayName co "_off_"',
    'displayName co "\' or true --"',
    'displayName co "\\\\ \'bob"',
    'externalId eq "oid-jo"',
    'externalId eq "OID-JO"',
    "externalId pr",
    "not (externalId pr)",
    "externalId eq null",
    "active eq true",
    "active eq false",
    "active ne true",
    "title pr",
    "not (title pr)",
    'title eq "deputy director"',
    'title ne "deputy director"',
    "name pr",
    'name.familyName eq "smith"',
    'name.givenName sw "a" or name.givenName sw "k"',
    'not (userName sw "a" or userName sw "b") and active eq true',
    'emails eq "ann@defra.example"',
    'emails.value co "home"',
    'emails co "defra"',
    "emails pr",
    'emails[type eq "home"]',
    'emails[type eq "work" and value sw "Z"]',
    'emails[type eq "work" and not (primary eq true)]',
    "emails.primary eq true",
    'emails.type eq "home"',
    f'{ENTERPRISE}:department eq "floods"',
    f'{ENTERPRISE}:employeeNumber eq "n-ann"',
    f'{ENTERPRISE}:manager.value eq "N-Ann"',
    f'{ENTERPRISE}:manager.value eq "n-ann"',
    f"{ENTERPRISE}:manager pr",
    f'{JOINEDUP}:grade eq "scs1A"',
    f'{JOINEDUP}:personId eq "W-17"',
    'urn:ietf:params:scim:schemas:core:2.0:User:userName eq "jo@defra.example"',
    'USERNAME EQ "jo@defra.example"',
    "id pr",
    'id eq "nobody"',
    'meta.created gt "2020-01-01T00:00:00Z"',
    'meta.lastModified lt "2020-01-01T00:00:00Z"',
    "meta.lastModified pr",
)


MANY = """
WITH made AS (INSERT INTO person (id, discoverable)
    SELECT gen_random_uuid(), true FROM generate_series(1, 3000) RETURNING id)
INSERT INTO provisioned_user (organisation, person, user_name, name_key, external_id,
    active, said, version, created_at, changed_at)
SELECT 'defra', id, id::text, id::text, id::text, true, '{}', 1, '2026-01-01',
    '2026-01-01' FROM made
"""


async def test_every_filter_finds_whom_the_library_finds(
    defra: IdentityProvider,
) -> None:
    made = [await defra.provision(_without_none(person)) for person in PEOPLE]
    with PROVIDER:
        resources = [MODEL.model_validate(each) for each in made]
        expected = {
            each: sorted(
                r.user_name for r in resources if ScimFilter[MODEL](each).match(r)
            )
            for each in FILTERS
        }

    found = {each: sorted(await defra.found(each)) for each in FILTERS}

    assert found == expected
    assert 0 < sum(map(len, expected.values())) < len(FILTERS) * len(PEOPLE)


def _without_none(user: dict[str, object]) -> dict[str, object]:
    return {name: value for name, value in user.items() if value is not None}


@pytest.mark.parametrize(
    "asked",
    [
        "userName",
        "userName eq",
        "userName eq jo",
        'userName like "jo"',
        'password eq "x"',
        'secret eq "x"',
        "userName eq 5",
        'active eq "perhaps"',
        "active gt true",
        "active co true",
        "userName sw true",
        "title co false",
        "name eq true",
        f"{ENTERPRISE}:manager ne true",
        "meta.created ew true",
        'meta.version eq "1"',
        'meta.created co "2020"',
        'meta.created gt "yesterday"',
        'meta.created gt "9999-12-31T23:59:59-14:00"',
        'meta.created lt "0001-01-01T00:00:00+14:00"',
        'meta eq "x"',
        'schemas eq "x"',
        'userName eq "\\u0000"',
        'userName eq "\\ud800"',
        'userName[value eq "x"]',
        'emails[secret eq "x"]',
        'emails[type eq "x"',
        "userName eq null and userName gt null",
        'userName eq "' + "x" * 2000 + '"',
        "not (" * 60 + "userName pr" + ")" * 60,
        " or ".join(["userName pr"] * 400),
        "'; DROP TABLE person; --",
        "\x01",
    ],
)
async def test_no_filter_fails_the_service(defra: IdentityProvider, asked: str) -> None:
    answer = await defra.client.get(
        "/scim/v2/Users", params={"filter": asked}, headers=defra.headers
    )

    assert answer.status_code == 400, answer.text
    assert answer.json()["scimType"] in {"invalidFilter", "invalidValue", "invalidPath"}


@pytest.mark.parametrize(
    "asked",
    [
        "sortBy=secret",
        "sortBy=emails.type[",
        "count=x",
        "startIndex=1e9",
        "sortBy=name",
    ],
)
async def test_no_parameter_fails_the_service(
    defra: IdentityProvider, asked: str
) -> None:
    answer = await defra.client.get(f"/scim/v2/Users?{asked}", headers=defra.headers)

    assert answer.status_code == 400, answer.text


@pytest.mark.parametrize(
    "by",
    ["id", "externalId", "active", "name.familyName", "emails", "meta.lastModified"],
)
async def test_every_order_holds_everybody(defra: IdentityProvider, by: str) -> None:
    for person in PEOPLE:
        await defra.provision(_without_none(person))

    found = await defra.found("id pr", sortBy=by)

    assert len(found) == len(PEOPLE)


@given(st.text(max_size=60))
def test_what_is_written_is_an_argument_and_never_sql(text: str) -> None:
    try:
        asked = ScimFilter[MODEL](f"displayName eq {ScimFilter.quote(text)}")
        found = where(asked)
    except InvalidFilterException:
        return

    assert text in found.arguments
    assert found.condition == where(ScimFilter[MODEL]('displayName eq "x"')).condition


@pytest.mark.parametrize(
    ("asked", "column"),
    [
        ('userName eq "jo@defra.example"', "name_key"),
        ('externalId eq "oid-jo"', "external_id"),
    ],
)
async def test_what_identity_providers_ask_first_is_answered_by_an_index(
    db: None, asked: str, column: str
) -> None:
    found = where(ScimFilter[MODEL](asked))
    await an_organisation("defra")
    async with transaction() as connection:
        await connection.execute(MANY)
    async with transaction() as connection:
        lines = await connection.fetch(
            "EXPLAIN SELECT person FROM provisioned_user"  # noqa: S608 - as `find`
            f" WHERE organisation = $1 AND {found.condition}",
            "defra",
            *found.arguments,
        )

    [condition] = [line[0] for line in lines if "Index Cond" in line[0]]
    assert column in condition
