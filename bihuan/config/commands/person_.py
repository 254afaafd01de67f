"""`bihuan person`."""

import json
from typing import Any

import click

from bihuan.config.home import in_home, note


@click.group()
def command() -> None:
    """Tell or erase everything that is kept of one person. WHO is a number, a key or an e-mail."""


@command.command()
@click.argument("who")
@in_home
def export(who: str) -> None:
    """Print everything as JSON on stdout: record, ids, events, rejected events, decision chain, tickets, facts."""
    from django.core.serializers.json import DjangoJSONEncoder

    from bihuan.know.accounts.queries import everything_kept

    found = everything_kept(_person(who).pk)
    click.echo(json.dumps(found, ensure_ascii=False, indent=1, cls=DjangoJSONEncoder))


@command.command()
@click.argument("who")
@click.option("--reason", required=True, help="Kept in the audit; do not name the person.")
@click.option("--yes", is_flag=True, help="Do not ask again.")
@in_home
def erase(who: str, reason: str, yes: bool) -> None:
    """Erase everything, now and for good. Backups that you took keep the person until you delete those."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.know.accounts.actions import erase_person

    person = _person(who)
    if not yes:
        click.confirm(
            f"Erase {person} (number {person.pk}) and everything kept of them?", abort=True, err=True
        )
    by, at = system_actor(f"command line: {reason}"[:150]), timezone.now()
    gone = erase_person(person_id=person.pk, by=by, at=at)
    note("Erased: " + ", ".join(f"{rows:,} {name}" for name, rows in gone.items() if rows) + ".")


def _person(who: str) -> Any:
    """The one person meant; ClickException when there is none, or more than one."""
    from django.db.models import Q

    from bihuan.know.accounts.models import Person

    meant = Q(key=who) | Q(email=who)
    if who.isascii() and who.isdigit() and len(who) < 19:
        meant |= Q(pk=int(who))
    rows = list(Person.objects.filter(meant)[:3])
    if len(rows) != 1:
        numbers = ", ".join(str(row.pk) for row in rows)
        raise click.ClickException(
            f"{who!r} is nobody here."
            if not rows
            else f"{who!r} is more than one: say the number ({numbers})."
        )
    return rows[0]
