"""`bihuan migrate`."""

import click

from bihuan.config.home import in_home, migrate_if_old


@click.command()
@in_home
def command() -> None:
    """Bring the record tables up to date. Every command does this by itself; a deployment may do it first."""
    migrate_if_old()
    click.echo("The record tables are up to date.")
