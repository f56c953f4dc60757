"""`joinedup issuers`: organisations' own issuers, whose tokens are accepted."""

import json
from dataclasses import asdict
from uuid import UUID

import click

from service.audit.actions import record
from service.auth import issuer_actions
from service.auth.caller import Scope
from service.auth.issuers import KNOWN_ALGORITHMS, USUAL, ExternalIssuer
from service.cli.session import opened, operator, run
from service.directory.queries import known_codes

AS_JSON = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


class Pair(click.ParamType[tuple[str, str]]):
    """Two texts with `=` between them, parted at the last or the first one."""

    name = "pair"

    def __init__(self, *, last: bool) -> None:
        """Part at the last `=`, or at the first."""
        self.last = last

    def convert(
        self,
        value: object,
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[str, str]:
        """Part the text, or say what it should look like."""
        text = str(value)
        one, equals, other = text.rpartition("=") if self.last else text.partition("=")
        if not (one and equals and other):
            self.fail(f"{text!r} is not two texts with = between them.", param, ctx)
        return one, other


@click.group()
def issuers() -> None:
    """Organisations' own issuers (Entra ID, Keycloak), whose tokens are accepted."""


@issuers.command()
@click.option("--organisation", required=True, metavar="CODE", help="Whose it is.")
@click.option(
    "--issuer", required=True, metavar="URL", help="Exactly as its tokens write `iss`."
)
@click.option(
    "--audience",
    required=True,
    metavar="AUD",
    help="The one `aud` its tokens must be for; it names us and nobody else.",
)
@click.option(
    "--jwks-uri", metavar="URL", help="Where its keys are; else its metadata says."
)
@click.option(
    "--algorithm",
    "algorithms",
    multiple=True,
    type=click.Choice(KNOWN_ALGORITHMS),
    default=USUAL,
    show_default=True,
    help="The only ones it may sign with; may be repeated.",
)
@click.option(
    "--map",
    "scopes",
    multiple=True,
    type=Pair(last=True),
    metavar="THEIRS=OURS",
    help=f"A scope or role of theirs, and ours of: {', '.join(Scope)}.",
)
@click.option(
    "--claim-equals",
    "claims",
    multiple=True,
    type=Pair(last=False),
    metavar="NAME=VALUE",
    help="A claim every token must carry so, such as tid=… and ver=2.0.",
)
@click.option("--person-claim", metavar="NAME", help="The claim that names a person.")
@click.option(
    "--person-source",
    metavar="SOURCE",
    help="The source, as imported, whose identifier that claim holds.",
)
@click.option(
    "--client",
    "clients",
    multiple=True,
    metavar="ID",
    help="A client of theirs that may come; none named, any may.",
)
def add(
    organisation: str,
    issuer: str,
    audience: str,
    jwks_uri: str | None,
    algorithms: tuple[str, ...],
    scopes: tuple[tuple[str, str], ...],
    claims: tuple[tuple[str, str], ...],
    person_claim: str | None,
    person_source: str | None,
    clients: tuple[str, ...],
) -> None:
    """Accept the tokens of an organisation's issuer, as far as is said here."""

    async def work() -> None:
        async with opened() as now:
            made = await issuer_actions.add(
                ExternalIssuer(
                    organisation=organisation,
                    issuer=issuer,
                    audience=audience,
                    jwks_uri=jwks_uri or await issuer_actions.discovered(issuer),
                    algorithms=algorithms,
                    scopes=scopes,
                    claims=claims,
                    person_claim=person_claim,
                    person_source=person_source,
                    clients=clients,
                ),
                known=await known_codes(),
                caller=operator(),
                now=now,
                record=record,
            )
        click.echo(f"{made}  {organisation}  {issuer}")

    run(work())


@issuers.command("list")
@AS_JSON
def list_(*, as_json: bool) -> None:
    """List every issuer, by organisation."""

    async def work() -> None:
        async with opened() as now:
            found = await issuer_actions.list_issuers(
                caller=operator(), now=now, record=record
            )
        if as_json:
            rows = [
                {"id": one.id, "created_at": one.created_at, **asdict(one.issuer)}
                for one in found
            ]
            click.echo(json.dumps(rows, default=str, ensure_ascii=False))
        for one in [] if as_json else found:
            of = one.issuer
            click.echo(f"{one.id}  {of.organisation}  {of.issuer}  {of.audience}")

    run(work())


@issuers.command()
@click.argument("issuer_id", type=click.UUID)
def remove(issuer_id: UUID) -> None:
    """Accept its tokens no more, within seconds; the id is what `list` shows."""

    async def work() -> None:
        async with opened() as now:
            await issuer_actions.remove(
                issuer_id, caller=operator(), now=now, record=record
            )
        click.echo(f"{issuer_id} is removed.", err=True)

    run(work())
