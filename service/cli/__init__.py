"""The `joinedup` command: thin; each command calls actions.

Decisions: click alone, not the web framework's own command line, so that no command
builds the app and each starts in well under a second: a command's module is imported
when it is asked for. Progress goes to standard error, results to standard output.
"""

import sys
from collections.abc import Mapping
from importlib import import_module
from typing import Final

import click

from service.errors import Refusal

COMMANDS: Final[Mapping[str, tuple[str, str]]] = {
    "clients": ("clients:clients", "HR systems that may ask for access tokens."),
    "cycles": ("cycles:cycles", "Appraisal years of organisations."),
    "data-sharing": ("access:data_sharing", "Agreements to share data."),
    "demo": ("demo:demo", "Do the whole job on an embedded database."),
    "draws": ("draws:draws", "Draws of raters, and whether they match."),
    "feed": ("feed:feed", "The change feed that HR systems follow."),
    "export": ("exporting:export", "Scores in a file for an HR system."),
    "import": ("imports:import_", "Take CSV files in."),
    "issuers": ("issuers:issuers", "Organisations' own issuers of access tokens."),
    "keys": ("keys:keys", "Keys that sign access tokens."),
    "mail": ("mail:mail", "Mail that came back."),
    "migrate": ("serving:migrate", "Bring the database up to date."),
    "openapi": ("serving:openapi", "Print the OpenAPI document."),
    "organisations": ("imports:organisations", "Organisations that appraise people."),
    "people": ("people:people", "Whether people are found by other organisations."),
    "portals": ("portals:portals", "HR portals that show cards of records."),
    "providers": ("providers:providers", "Departments' sign-in."),
    "roles": ("access:roles", "Roles beyond manager, subject and rater."),
    "routes": ("serving:routes", "List every route."),
    "scores": ("scores:scores", "Compute and publish a cycle's scores."),
    "serve": ("serving:serve", "Serve the API and the pages."),
    "verify": ("verifying:verify", "Check the signatures of rows."),
    "webhooks": ("webhooks:webhooks", "Where HR systems are told what changed."),
    "worker": ("worker:worker", "Mail what people are told."),
}
"""Command to the module of this package and the name in it, and what it is for."""


class Commands(click.Group):
    """Imports a command when it is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Return every command's name."""
        return sorted(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002 - click's signature
        """Return one command, or None if there is none of this name."""
        if cmd_name not in COMMANDS:
            return None
        module, name = COMMANDS[cmd_name][0].split(":")
        command: click.Command = getattr(import_module(f"{__name__}.{module}"), name)
        return command

    def format_commands(
        self,
        ctx: click.Context,  # noqa: ARG002 - click's signature
        formatter: click.HelpFormatter,
    ) -> None:
        """List the commands without importing one."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in COMMANDS.items()])


@click.command(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="joinedup")
def joinedup() -> None:
    """Joined-up Appraisal: how well senior civil servants work across departments.

    Exit codes: 0 done, 1 input refused, 2 not now, 3 unavailable.
    """


def main() -> None:
    """Run the command that was typed; a wrong one is refused input, exit code 1."""
    try:
        joinedup.main(standalone_mode=False)
    except click.exceptions.Abort:
        click.echo("Interrupted.", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(1)
    except Refusal as refusal:
        from service.cli.session import end  # noqa: PLC0415 - as every command's module

        end(refusal)
