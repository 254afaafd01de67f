"""`bihuan simulate`."""

from datetime import datetime

import click

from bihuan.config.home import in_home, note


@click.command()
@click.option(
    "--accounts", default=300, show_default=True, type=click.IntRange(1, 200_000), help="How many customers."
)
@click.option(
    "--days", default=365, show_default=True, type=click.IntRange(60, 3650), help="How far back it goes."
)
@click.option("--seed", default=7, show_default=True, type=int, help="The same seed gives the same company.")
@click.option(
    "--events", type=click.IntRange(1_000, 500_000_000), help="About how many events; by size when not given."
)
@click.option(
    "--until",
    type=click.DateTime(["%Y-%m-%d"]),
    help="The day before which the data ends; today when not given.",
)
@click.option(
    "--processes/--no-processes",
    default=True,
    show_default=True,
    help="With processes run over the last eight weeks.",
)
@in_home
def command(
    accounts: int, days: int, seed: int, events: int | None, until: datetime | None, processes: bool
) -> None:
    """Fill an installation with a simulated company: customers, people, contracts, tickets and a year of events.

    How it churns is written out in docs/SIMULATION.md. Every page says that the data is simulated.
    """
    from django.utils import timezone

    from bihuan.config.company import fill

    day = until.date() if until else timezone.localdate()
    fill(
        accounts=accounts, days=days, seed=seed, events=events, until=day, at=timezone.now(), say=note, processes=processes
    )  # fmt: skip
