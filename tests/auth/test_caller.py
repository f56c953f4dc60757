"""The names callers have in the audit, which keep each apart from every other."""

from uuid import UUID

from service.auth.caller import Caller, Machine, Operator, Person, SignedIn

ID = UUID(int=7)


def test_no_two_callers_share_a_name() -> None:
    nobody: frozenset[str] = frozenset()
    callers: list[Caller] = [
        Machine("7", nobody, frozenset()),
        Person(ID),
        Operator("7"),
    ]
    assert [caller.key for caller in callers] == [
        "client:7",
        f"person:{ID}",
        "operator:7",
    ]


def test_who_signed_in_is_the_same_person_wherever_they_did() -> None:
    """What a person did is found by the person, not by whose issuer named them."""
    for organisation in ("hmt", "defra"):
        signed_in = SignedIn(ID, organisation=organisation, roles=frozenset())
        assert signed_in.key == Person(ID).key
