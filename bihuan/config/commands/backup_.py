"""`bihuan backup`."""

import os
from pathlib import Path

import click

from bihuan.config.home import in_home, note


@click.command()
@click.argument("target", type=click.Path(path_type=Path))
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="TARGET is a folder: write a dated file into it, keep the newest N.",
)
@click.option("--check", is_flag=True, help="Write nothing: read TARGET and compare every digest.")
@in_home
def command(target: Path, keep: int | None, check: bool) -> None:
    """Save records, events, files and keys into one file, while the server serves.

    TARGET is the file to write (a tar compressed with zstd). It holds everything of your customers and the keys of
    the installation: keep it where only you can read it. Each night, from cron: bihuan backup /backups --keep 14
    """
    from django.conf import settings
    from django.utils import timezone

    from bihuan import __version__
    from bihuan.config.backup import BackupError, check_backup, make_backup

    at = timezone.now()
    file = target / f"bihuan-{at:%Y%m%dT%H%M%SZ}.tar.zst" if keep and not check else target
    try:
        if check:
            manifest = check_backup(source=file)
        else:
            manifest = make_backup(home=settings.BIHUAN_HOME, target=file, version=__version__, at=at, say=note,
                                   database_url=os.environ.get("DATABASE_URL", ""))  # fmt: skip
            check_backup(source=file)
    except BackupError as error:
        raise click.ClickException(str(error)) from None
    for old in sorted(target.glob("bihuan-*Z.tar.zst"))[: -(keep or 0)] if keep and not check else ():
        old.unlink()
        note(f"Removed {old.name}: the newest {keep} are kept.")
    size = file.stat().st_size / 2**20
    note(
        f"{file}: {len(manifest['files'])} files, {manifest['events']:,} events, {size:,.1f} MiB, every digest compared."
    )
