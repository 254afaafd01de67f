"""`bihuan restore`."""

import os
from pathlib import Path

import click

from bihuan.config.home import note, open_home


@click.command()
@click.argument("source", type=click.Path(path_type=Path))
def command(source: Path) -> None:
    """Put a backup into BIHUAN_HOME, which must be missing or empty: all of it or nothing.

    Tables of an older version are brought up to date; the event index is made again from the log.
    """
    from bihuan.config.backup import BackupError, restore

    home = Path(os.environ.get("BIHUAN_HOME", ".bihuan")).expanduser().resolve()
    try:
        manifest = restore(
            source=source, home=home, say=note, database_url=os.environ.get("DATABASE_URL", "")
        )
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    open_home()
    note(f"Restored into {home}: {manifest['events']:,} events as of {manifest['made_at']}. "
         "`bihuan doctor` checks it; `bihuan serve` serves it.")  # fmt: skip
