"""Time to score every account as of today: 20,000 accounts over 20 million events, measures and writing included.

The peer in the same run is DuckDB alone: one plain scan that counts events and people per account over the same
events, which any score must at least do.
Usage: python benches/health.py [--accounts 20000] [--events 20000000]
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from company import company_home

options = argparse.ArgumentParser()
options.add_argument("--accounts", type=int, default=20_000)
options.add_argument("--events", type=int, default=20_000_000)
wanted = options.parse_args()
os.environ["BIHUAN_HOME"] = str(company_home(accounts=wanted.accounts, events=wanted.events))

from bihuan.config.home import open_home

open_home()

from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.capture.store import close_store, get_store
from bihuan.foresee.health.actions import compute_health
from bihuan.site.cards import refresh_cards

store = get_store()
print(f"{store.count():,} events")
runs: dict[str, list[float]] = {
    "DuckDB: one scan per account": [],
    "score all accounts": [],
    "refresh all cards": [],
}
for _ in range(3):
    start = time.perf_counter()
    store.execute(
        "SELECT account_id, count(*), count(DISTINCT person_id), count(DISTINCT day) FROM events GROUP BY 1"
    )
    runs["DuckDB: one scan per account"].append(time.perf_counter() - start)
    now = timezone.now()
    start = time.perf_counter()
    number = compute_health(day=timezone.localdate(now), by=system_actor("bench"), at=now)
    runs["score all accounts"].append(time.perf_counter() - start)
    start = time.perf_counter()
    refresh_cards(at=now)
    runs["refresh all cards"].append(time.perf_counter() - start)
scan = min(runs["DuckDB: one scan per account"])
for name, times in runs.items():
    print(
        f"{name:32} {min(times):6.2f} s best of {len(times)}, {max(times):6.2f} s worst, {min(times) / scan:5.1f} × the scan"
    )
print(f"{number:,} accounts scored")
close_store()
