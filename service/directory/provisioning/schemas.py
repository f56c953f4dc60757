"""What SCIM clients send and see: who a person is and what they do, and no more.

The law: what stands here is what `/Schemas` publishes and what is kept; all else that
an identity provider sends is passed over, so that no telephone number is ever stored.
"""

from collections.abc import Sequence
from typing import Annotated, Any, Final

from pydantic import EmailStr, Field, field_validator
from scim2_models import (
    URN,
    AuthenticationScheme,
    Bulk,
    CaseExact,
    ChangePassword,
    ComplexAttribute,
    ETag,
    Extension,
    Filter,
    Mutability,
    Patch,
    Reference,
    Required,
    Resource,
    ResourceType,
    ScimPolicy,
    ScimProvider,
    ServiceProviderConfig,
    Sort,
    Uniqueness,
)
from scim2_models.resources.resource import AnyExtension
from scim2_models.resources.user import Email as CoreEmail

from service.directory.provisioning.rules import Said
from service.directory.rules import grade, squeezed

MOST_FOUND: Final = 200
"""Users on a page."""
WORK: Final = "work"


class Name(ComplexAttribute):
    """What a person is called."""

    formatted: str | None = None
    given_name: str | None = None
    family_name: str | None = None


class Email(ComplexAttribute):
    """An address; the one of type work, or the primary one, is the directory's."""

    value: EmailStr | None = None
    type: CoreEmail.Type | None = None
    primary: bool | None = None


class User(Resource[AnyExtension]):
    """A person whom an identity provider looks after."""

    __schema__ = URN("urn:ietf:params:scim:schemas:core:2.0:User")

    user_name: Annotated[str | None, Uniqueness.server, Required.true] = None
    name: Name | None = None
    display_name: str | None = None
    title: str | None = None
    active: bool | None = None
    emails: list[Email] | None = None


class Manager(ComplexAttribute):
    """Who answers for a person, by the id that this service gave them."""

    value: Annotated[str | None, CaseExact.true] = None
    ref: Annotated[Reference["User"] | None, Required.false] = Field(  # type: ignore[type-arg]  # By name, as the library's own.
        None, serialization_alias="$ref", validation_alias="$ref"
    )
    display_name: Annotated[str | None, Mutability.read_only] = None


class EnterpriseUser(Extension):
    """What an employer knows of a person."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:enterprise:2.0:User")

    employee_number: str | None = None
    department: str | None = None
    manager: Manager | None = None

    @field_validator("manager", mode="before")
    @classmethod
    def _written_as_text(cls, value: object) -> object:
        return {"value": value} if isinstance(value, str) else value  # Entra ID's way.


class AppraisalUser(Extension):
    """What an appraisal needs to know of a person beyond that."""

    __schema__ = URN("urn:ietf:params:scim:schemas:extension:joinedup:2.0:User")

    grade: str | None = None
    post_reference: Annotated[str | None, CaseExact.true] = None
    person_id: Annotated[str | None, CaseExact.true] = None


MODEL: Final[Any] = User.__class_getitem__(EnterpriseUser | AppraisalUser)
"""A user with both extensions; a type that only the library can spell."""
CONFIG: Final = ServiceProviderConfig(
    patch=Patch(supported=True),
    bulk=Bulk(supported=False, max_operations=0, max_payload_size=0),
    filter=Filter(supported=True, max_results=MOST_FOUND),
    change_password=ChangePassword(supported=False),
    sort=Sort(supported=True),
    etag=ETag(supported=True),
    authentication_schemes=[
        AuthenticationScheme(
            type=AuthenticationScheme.Type.oauthbearertoken,
            name="OAuth bearer token",
            description="An access token of /oauth/token, for one organisation.",
            primary=True,
        )
    ],
)
PROVIDER: Final = ScimProvider(
    models=[User, EnterpriseUser, AppraisalUser],
    resource_types=[ResourceType.from_resource(MODEL)],
    config=CONFIG,
    # As Entra ID sends it: what is not published, a filter that meets no value yet.
    policy=ScimPolicy(
        unknown=ScimPolicy.Unknown.ignore,
        remove_value_as_filter=ScimPolicy.RemoveValue.apply,
        unmatched_path_filter=ScimPolicy.UnmatchedPathFilter.create,
    ),
)


def said_by(resource: Any) -> Said:  # noqa: ANN401 - of MODEL
    """Return the facts in a user's resource."""
    employer = resource[EnterpriseUser] or EnterpriseUser()
    appraisal = resource[AppraisalUser] or AppraisalUser()
    given, family = _names(resource)
    return Said(
        user_name=_plain(resource.user_name) or "",
        active=resource.active is not False,
        external_id=_plain(resource.external_id),
        given_name=given,
        family_name=family,
        email=_address(resource.emails or []),
        title=_plain(resource.title),
        unit=_plain(employer.department),
        employee_number=_plain(employer.employee_number),
        grade=grade(appraisal.grade or "") or None,
        post_reference=_plain(appraisal.post_reference),
        person_id=_plain(appraisal.person_id),
        manager=_plain(employer.manager.value if employer.manager else None),
    )


def _plain(text: str | None) -> str | None:
    return squeezed(text or "") or None


def _names(resource: Any) -> tuple[str | None, str | None]:  # noqa: ANN401 - as above
    """Return both names; told in one, the last word is the family's."""
    name = resource.name or Name()
    given, family = _plain(name.given_name), _plain(name.family_name)
    if given or family:
        return given, family
    whole = _plain(name.formatted) or _plain(resource.display_name) or ""
    given, _, family = whole.rpartition(" ")
    return (given, family) if given else (None, None)


def _address(emails: Sequence[Email]) -> str | None:
    """Return the address at work: the one that says so, else the primary one."""
    worth = sorted(
        (each for each in emails if each.value),
        key=lambda each: (each.type != WORK, not each.primary),
    )
    if not worth:
        return None
    local, _, domain = str(worth[0].value).rpartition("@")
    return f"{local}@{domain.lower()}"
