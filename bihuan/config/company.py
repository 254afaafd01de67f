"""Filling an installation with the simulated company, and scoring it, so that the first page has something to say."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from time import perf_counter


def fill(
    *,
    accounts: int,
    days: int,
    seed: int,
    until: date,
    at: datetime,
    events: int | None,
    say: Callable[[str], None],
    processes: bool = True,
) -> None:
    """Simulate, load, score as of `until` and thirty days before, and play processes and plays; older weeks are
    scored by a job."""
    from bihuan.base.access import system_actor
    from bihuan.base.jobs import enqueue
    from bihuan.capture.store import get_store
    from bihuan.config.first_look import lay_out
    from bihuan.config.plays_history import play_plays
    from bihuan.config.simulation import simulate
    from bihuan.config.simulation.load import load_company
    from bihuan.config.work_history import play
    from bihuan.foresee.health.actions import compute_health
    from bihuan.site.cards import refresh_cards

    by, started = system_actor("simulation"), perf_counter()
    company = simulate(accounts=accounts, days=days, seed=seed, until=until, events=events)
    say(f"Simulating {accounts:,} customers over {days} days (seed {seed}) …")
    loaded = load_company(company, by=by, at=at, progress=_bar(say))
    store = get_store()
    store.wait_applied(loaded.seq, timeout=3600)
    say(f"{store.count():,} events are stored; putting them in order …")
    store.compact()
    for day in (until - timedelta(days=30), until - timedelta(days=7), until):
        compute_health(day=day, by=by, at=at, tell_bands=day == until)
    refresh_cards(at=at)
    enqueue("health.backfill", by=by, at=at, unique_key="health.backfill")
    if processes:
        played = play(instances=max(12, min(accounts // 4, 80)), seed=seed, at=at)
        say(f"{played} processes were started over the last weeks.")
        say(f"{play_plays(seed=seed, at=at)} runs of plays, and two weeks that were planned.")
        say(f"{lay_out(until=until, at=at)} questions on a dashboard.")
    say(f"Ready after {perf_counter() - started:.0f} s.")


def _bar(say: Callable[[str], None]) -> Callable[[str, int, int], None]:
    """Progress in words, a line each five seconds at most."""
    told = perf_counter()

    def progress(what: str, done: int, total: int) -> None:
        nonlocal told
        if perf_counter() - told >= 5 and total:
            told = perf_counter()
            say(f"  {what}: {100 * done // total} %")

    return progress
