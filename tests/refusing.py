"""As what a rule refuses something, if it does."""

from collections.abc import Callable

from service.errors import Refusal


def refusal(
    check: Callable[..., object], *facts: object, **named: object
) -> type[Refusal] | None:
    """Return as what these facts are refused; None: they are let pass."""
    try:
        check(*facts, **named)
    except Refusal as refused:
        return type(refused)
    return None
