"""`joinedup webhooks`: where HR systems are told what changed, and how that goes."""

from typing import Any

import click

from service.audit.actions import record
from service.cli.printing import AS_JSON, print_json, spoken
from service.cli.session import opened, operator, run
from service.hr.webhooks.queries import everyones


@click.group()
def webhooks() -> None:
    """Addresses of HR systems that are told when a feed moves."""


@webhooks.command("list")
@AS_JSON
def list_(*, as_json: bool) -> None:
    """List every client's webhooks, what waits for each and how it went last.

    The client itself mends one that is disabled: it verifies it again.
    """

    async def work() -> list[dict[str, Any]]:
        async with opened() as now:
            found = await everyones()
            await record(operator(), "webhook.list", "webhook", "*", now=now)
        return found

    found = run(work())
    if as_json:
        print_json([each | {"id": str(each["id"])} for each in found])
        return
    for each in found:
        state = each["state"] if each["reason"] is None else each["reason"]
        click.echo(
            f"{each['id']}  {state:9}  waiting {each['waiting']}, taken"
            f" {spoken(each['last_taken_at'])}, failed"
            f" {spoken(each['last_failed_at'])}  {each['client']}  {each['url']}"
        )
