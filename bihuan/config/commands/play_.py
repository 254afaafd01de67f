"""`bihuan play`."""

import json

import click

from bihuan.config.home import in_home


@click.group()
def command() -> None:
    """See plays, and whom one would have met."""


@command.command("list")
@click.option("--format", "shape", type=click.Choice(["table", "json"]), default="table", show_default=True,
              help="Lines with tabs, or JSON.")  # fmt: skip
@in_home
def show(shape: str) -> None:
    """Key, state, accounts met in 30 days, effect in points with its error, what it is known by."""
    from django.utils import timezone

    from bihuan.act.plays import actions, queries

    now = timezone.now()
    actions.ensure_plays(at=now)
    found = [
        {"key": one.play.key, "status": one.play.status, "met": one.month, "effect": round(one.effect.pooled.value * 100, 1),
         "error": round(one.effect.pooled.error * 100, 1), "basis": one.effect.basis}
        for one in queries.outcomes(at=now)
    ]  # fmt: skip
    if shape == "json":
        click.echo(json.dumps(found, ensure_ascii=False, indent=1))
        return
    for row in found:
        click.echo("\t".join(str(value) for value in row.values()))


@command.command("dry-run")
@click.argument("key")
@in_home
def dry(key: str) -> None:
    """Whom the play KEY would have met in the last twelve weeks, as JSON."""
    from django.utils import timezone

    from bihuan.act.plays import actions, queries
    from bihuan.act.plays.models import Play

    actions.ensure_plays(at=timezone.now())
    play = Play.objects.filter(key=key).first()
    if play is None:
        raise click.ClickException(f"There is no play {key!r}; `bihuan play list` has their keys.")
    try:
        found = queries.dry_run(play, day=timezone.localdate())
    except queries.NotTold as error:
        raise click.ClickException(str(error)) from None
    weeks = [{"day": day.isoformat(), "met": met, "held": held} for day, met, held in found.weeks]
    click.echo(json.dumps({"weeks": weeks, "accounts": dict(found.accounts), "now": found.now}, indent=1))
