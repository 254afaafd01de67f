"""Opening an installation: Django is set up, folders exist with the right mode, tables are up to date."""

import os
import sys
from collections.abc import Callable
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import click

P = ParamSpec("P")
R = TypeVar("R")


def open_home() -> None:
    """Set up Django and create or migrate what is missing or old."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "bihuan.config.settings")
    os.umask(0o077)  # whatever is made from here on is its owner's alone
    try:
        import django

        django.setup()
    except OSError as error:
        raise click.ClickException(
            f"Cannot write {error.filename}: set BIHUAN_HOME to a folder that you own, or change its rights."
        ) from None
    from django.conf import settings

    settings.BIHUAN_HOME.mkdir(parents=True, exist_ok=True, mode=0o700)
    settings.BIHUAN_HOME.chmod(0o700)
    migrate_if_old()


def migrate_if_old() -> bool:
    """Bring the record tables up to date; returns whether there was anything to do."""
    from django.core.management import call_command
    from django.db import OperationalError, connection
    from django.db.migrations.executor import MigrationExecutor

    try:
        executor = MigrationExecutor(connection)
        if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
            return False
    except OperationalError as error:
        raise click.ClickException(
            f"The record database does not open ({str(error).strip()}). Check DATABASE_URL or the rights of "
            "BIHUAN_HOME; `bihuan doctor` says more."
        ) from None
    call_command("migrate", verbosity=0, interactive=False)
    return True


def in_home(command: Callable[P, R]) -> Callable[P, R]:
    """Decorator of a sub-command: open the installation first, and turn validation errors into plain words."""

    @wraps(command)
    def run(*args: P.args, **kwargs: P.kwargs) -> R:
        open_home()
        from django.core.exceptions import ValidationError
        from django.utils import translation

        try:
            with translation.override("en"):
                return command(*args, **kwargs)
        except ValidationError as error:
            raise click.ClickException(in_words(error)) from None
        finally:
            from bihuan.capture.store import close_store

            close_store()

    return run


def in_words(error: Any) -> str:
    """A validation error as `field: reason` lines."""
    if hasattr(error, "message_dict"):
        return "\n".join(f"{field}: {' '.join(texts)}" for field, texts in error.message_dict.items())
    return " ".join(error.messages)


def note(text: str) -> None:
    """A line for the person at the terminal, on stderr so that stdout stays clean."""
    click.echo(text, err=True)
    sys.stderr.flush()
