"""`joinedup providers`: departments' OpenID Connect providers, for people's sign-in."""

from dataclasses import fields
from typing import Any, TextIO

import click

from service.audit.actions import record
from service.auth.issuers import KNOWN_ALGORITHMS, USUAL
from service.auth.sign_in import actions
from service.auth.sign_in.flow import SIGNED_OUT
from service.auth.sign_in.providers import Provider, Wanted
from service.cli.printing import AS_JSON, print_json
from service.cli.session import configured, opened, operator, run
from service.directory.queries import known_codes, person_named


@click.group()
def providers() -> None:
    """Departments' OpenID Connect providers, with which people sign in."""


@providers.command()
@click.option("--organisation", required=True, metavar="CODE", help="Whose it is.")
@click.option(
    "--id",
    "id_",
    metavar="ID",
    help="Names it in addresses, such as hm-treasury; else the code does.",
)
@click.option("--name", required=True, help="As people choose it from the list.")
@click.option(
    "--issuer", required=True, metavar="URL", help="Exactly as its tokens write `iss`."
)
@click.option("--client-id", required=True, metavar="ID", help="Our own id there.")
@click.option(
    "--secret-file",
    type=click.File(encoding="utf-8"),
    help="Holds our secret there; - reads it from standard input.",
)
@click.option(
    "--private-key-jwt",
    is_flag=True,
    help="Make a key instead; its public part is printed, for the provider.",
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
    "--person-claim",
    required=True,
    metavar="NAME",
    help="The claim that names a person: one they cannot change themselves.",
)
@click.option(
    "--person-source",
    required=True,
    metavar="SOURCE",
    help="The source, as imported, whose identifier that claim holds.",
)
@click.option(
    "--email-domain-check/--no-email-domain-check",
    "checks_email",
    default=True,
    show_default=True,
    help="Let in only e-mails of the organisation's own domains.",
)
@AS_JSON
def add(
    id_: str | None,
    secret_file: TextIO | None,
    *,
    private_key_jwt: bool,
    as_json: bool,
    **wanted: Any,
) -> None:
    """Let an organisation's people sign in with its provider."""
    if (secret_file is None) != private_key_jwt:
        raise click.UsageError("Give either --secret-file or --private-key-jwt.")
    secret = None if secret_file is None else secret_file.read().strip()
    if secret == "":
        raise click.UsageError("The secret's file is empty.")
    code = wanted["organisation"]

    async def work() -> Provider:
        async with opened() as now:
            return await actions.add(
                Wanted(id=code.lower() if id_ is None else id_, **wanted),
                secret=secret,
                known=await known_codes(),
                caller=operator(),
                now=now,
                record=record,
            )

    _print(_told(run(work())), as_json=as_json)


def _told(provider: Provider) -> dict[str, Any]:
    """Return what the provider's own administrators are to write down."""
    at = str(configured().issuer or "JOINEDUP_ISSUER").rstrip("/")
    return {
        "id": provider.id,
        "redirect_uri": f"{at}/sign-in/{provider.id}/callback",
        "post_logout_redirect_uri": f"{at}{SIGNED_OUT}",
        "public_key": provider.public,
    }


def _print(told: dict[str, Any], *, as_json: bool) -> None:
    if as_json:
        print_json(told)
    for name, value in () if as_json else told.items():
        if value is not None:
            click.echo(f"{name}  {value}")


@providers.command("list")
@AS_JSON
def list_(*, as_json: bool) -> None:
    """List every provider, those disabled last; never a secret."""

    async def work() -> list[dict[str, Any]]:
        async with opened() as now:
            found = await actions.list_providers(
                caller=operator(), now=now, record=record
            )
        names = [each.name for each in fields(Wanted)]
        return [
            {name: getattr(one.provider, name) for name in names}
            | {
                "public_key": one.provider.public,
                "created_at": one.created_at,
                "disabled_at": one.disabled_at,
            }
            for one in found
        ]

    rows = run(work())
    if as_json:
        print_json(rows)
    for row in [] if as_json else rows:
        over = "  disabled" if row["disabled_at"] else ""
        said = (row[name] for name in ("id", "organisation", "issuer", "client_id"))
        click.echo("  ".join(said) + over)


@providers.command()
@click.argument("provider_id", metavar="ID")
def disable(provider_id: str) -> None:
    """Let nobody sign in with it any more, and end every visit it began."""

    async def work() -> None:
        async with opened() as now:
            await actions.disable(
                provider_id, caller=operator(), now=now, record=record
            )
        click.echo(f"{provider_id} is disabled.", err=True)

    run(work())


@providers.command()
@click.argument("person", metavar="SOURCE:EXTERNAL_ID")
@click.option("--organisation", required=True, metavar="CODE")
def unbind(person: str, organisation: str) -> None:
    """Have a person's next sign-in bind them anew, as when their account is renewed."""
    source, _, external_id = person.partition(":")

    async def work() -> None:
        async with opened() as now:
            found = await person_named(
                source, external_id, organisations=[organisation]
            )
            gone = await actions.unbind(
                found.person, organisation, caller=operator(), now=now, record=record
            )
        click.echo(f"{gone} forgotten.", err=True)

    run(work())
