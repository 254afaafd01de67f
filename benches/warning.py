"""Time to backtest the early warning: 20,000 accounts × 24 monthly snapshots from 20 million events.

The peer in the same run is one plain scan: the use of every account as of one day, as health counts it, times the snapshots
that were measured. The bound is three minutes for building the rows, four folds of every candidate, and everything
that is reported.
Usage: python benches/warning.py [--accounts 20000] [--events 20000000] [--days 910] [--runs 1]
"""

import argparse
import os
import sys
import time
from datetime import timedelta
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from company import company_home

options = argparse.ArgumentParser()
options.add_argument("--accounts", type=int, default=20_000)
options.add_argument("--events", type=int, default=20_000_000)
options.add_argument("--days", type=int, default=910)
options.add_argument("--runs", type=int, default=1)
wanted = options.parse_args()
os.environ["BIHUAN_HOME"] = str(
    company_home(accounts=wanted.accounts, events=wanted.events, days=wanted.days)
)

from bihuan.config.home import open_home

open_home()

from django.utils import timezone

from bihuan.capture.store import close_store, get_store
from bihuan.foresee.warning.queries.dataset import dataset_of
from bihuan.understand.metrics.queries import values_as_of
from bihuan.understand.stats.backtest import backtest

HORIZON, CONTRACTION, CAPACITY = 90, 30, 21
print(f"{get_store().count():,} events")
for _run in range(wanted.runs):
    last = timezone.localdate() - timedelta(days=1)
    start = time.perf_counter()
    values_as_of(day=last, names=["active_people", "usage_trend", "days_silent"])
    scan = time.perf_counter() - start
    start = time.perf_counter()
    data = dataset_of(last=last, horizon=HORIZON, contraction=CONTRACTION)
    rows = time.perf_counter() - start
    start = time.perf_counter()
    tested = backtest(panel=data.panel, horizon=HORIZON, capacity=CAPACITY)
    judged = time.perf_counter() - start
    scans = scan * (len(data.snapshots) + 3)
    print(
        f"{len(data.panel.did):,} rows on {len(data.snapshots)} snapshots, {int(data.panel.did.sum()):,} losses"
    )
    print(f"rows      {rows:7.1f} s   ({rows / scans:.2f} × a scan of use for each snapshot, {scans:.1f} s)")
    print(f"backtest  {judged:7.1f} s")
    print(f"together  {rows + judged:7.1f} s   bound 180 s at full size")
    print(f"AUC {tested.area.value:.3f} ({tested.area.low:.3f}–{tested.area.high:.3f}), ECE {tested.calibration.error:.4f}, "
          f"{tested.chosen}, lead time {tested.lead.median} days")  # fmt: skip
close_store()
