"""`bihuan work`."""

import json
from typing import Any

import click

from bihuan.config.home import in_home, note

AS = click.option("--as", "username", required=True, help="Sign-in name of the colleague who does it.")


@click.group()
def command() -> None:
    """See and do work items as a colleague, from scripts on the server; programs elsewhere use the API."""


@command.command("list")
@AS
@click.option("--queue", is_flag=True, help="What waits for their roles instead of their bench.")
@click.option("--format", "shape", type=click.Choice(["table", "json"]), default="table", show_default=True,
              help="Lines with tabs, or JSON.")  # fmt: skip
@in_home
def show(username: str, queue: bool, shape: str) -> None:
    """What waits, the earliest due first: number, due, step, about."""
    from django.utils import timezone

    from bihuan.act.work.models import WorkItem

    actor = _actor(username)
    rows = WorkItem.objects.waiting()
    rows = (
        (rows.queued_for(actor) if queue else rows.of(actor))
        .select_related("instance")
        .order_by("due_at", "pk")
    )
    found = [
        {"id": row.pk, "due_at": timezone.localtime(row.due_at).isoformat() if row.due_at else None, "step": row.name,
         "about": row.instance.title}
        for row in rows
    ]  # fmt: skip
    if shape == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for one in found:
        click.echo("\t".join(str(one[name] or "–") for name in ("id", "due_at", "step", "about")))


@command.command()
@click.argument("item", type=click.IntRange(min=1))
@AS
@in_home
def claim(item: int, username: str) -> None:
    """Take ITEM on their bench."""
    from django.utils import timezone

    from bihuan.act.work import actions

    actor = _actor(username)
    row = actions.claim(item=_item(item, actor), by=actor, at=timezone.now())
    note(f"“{row.name}” lies on the bench of {actor.name}.")


@command.command()
@click.argument("item", type=click.IntRange(min=1))
@AS
@click.option("--values", default="{}", help='What the form asks, as JSON: {"amount": 1200}.')
@click.option("--signed", default="", help="The name that signs, where that is asked.")
@click.option("--minutes", type=click.IntRange(min=0), help="What it took, where that is known.")
@in_home
def complete(item: int, username: str, values: str, signed: str, minutes: int | None) -> None:
    """Complete ITEM; what is missing is said and nothing is changed."""
    from django.utils import timezone

    from bihuan.act.work import actions

    try:
        said = json.loads(values)
    except ValueError as error:
        raise click.ClickException(f"--values is not JSON: {error}") from None
    if not isinstance(said, dict):
        raise click.ClickException('--values is a JSON object, such as {"amount": 1200}.')
    actor = _actor(username)
    row = actions.complete(
        item=_item(item, actor), values=said, signed=signed, minutes=minutes, by=actor, at=timezone.now()
    )
    note(f"Done: {row.name}")


def _actor(username: str) -> Any:
    from bihuan.know.staff.models import Staff

    staff = Staff.objects.filter(username=username, is_active=True).first()
    if staff is None:
        raise click.ClickException(f"Nobody active signs in as {username!r}. `bihuan user list` shows them.")
    return staff.actor()


def _item(number: int, actor: Any) -> Any:
    from bihuan.act.work.models import WorkItem

    row = WorkItem.objects.visible_to(actor).filter(pk=number).first() if number < 2**63 else None
    if row is None:
        raise click.ClickException(f"{actor.name} sees no work item {number}.")
    return row
