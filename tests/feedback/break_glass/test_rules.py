"""Who may open who the raters are, and for how long, without I/O."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from service.access.rules import Role
from service.feedback.break_glass import rules
from tests.refusing import refusal

ONE, OTHER, SUBJECT, ABOVE = (UUID(int=number) for number in range(1, 5))
AT = datetime(2027, 2, 10, 9, tzinfo=UTC)
HR, DPO = Role.HR_ADMINISTRATOR, Role.DATA_PROTECTION_OFFICER


@pytest.mark.parametrize("roles", [{HR}, {DPO}, {HR, Role.AUDITOR}, set()])
def test_whoever_holds_one_of_the_roles_may_act(roles: set[str]) -> None:
    assert refusal(rules.check_may_act, ONE, roles, SUBJECT, [ABOVE]) is None


def test_whoever_holds_both_does_neither() -> None:
    with pytest.raises(rules.BothRoles):
        rules.check_may_act(ONE, {HR, DPO, Role.AUDITOR}, SUBJECT, [ABOVE])


@pytest.mark.parametrize("person", [SUBJECT, ABOVE])
def test_nobody_acts_about_themselves_or_about_whoever_answers_to_them(
    person: UUID,
) -> None:
    with pytest.raises(rules.TooClose):
        rules.check_may_act(person, {HR}, SUBJECT, [OTHER, ABOVE])


@pytest.mark.parametrize(
    ("asked", "approves", "emails", "refused"),
    [
        (ONE, ONE, (None, None), True),
        (ONE, OTHER, ("a@hmt.example", "A@hmt.example"), True),
        (ONE, OTHER, ("a@hmt.example", "b@hmt.example"), False),
        (ONE, OTHER, (None, None), False),
        (ONE, OTHER, ("a@hmt.example", None), False),
    ],
)
def test_it_takes_two_people_by_whatever_accounts(
    asked: UUID, approves: UUID, emails: tuple[str | None, str | None], *, refused: bool
) -> None:
    if refused:
        with pytest.raises(rules.SamePerson):
            rules.check_two(asked, emails[0], approves, emails[1])
    else:
        rules.check_two(asked, emails[0], approves, emails[1])


def test_it_lasts_for_one_hour_from_the_approval() -> None:
    rules.check_open(AT, AT)
    rules.check_open(AT, AT + timedelta(hours=1) - timedelta(microseconds=1))
    with pytest.raises(rules.Over, match="2027-02-10T10:00:00"):
        rules.check_open(AT, AT + timedelta(hours=1))
    with pytest.raises(rules.NotApproved):
        rules.check_open(None, AT)
