"""Time to look for every kind of signal that ships: 20,000 accounts over 20 million events.

The peer in the same run is the same look written plainly: the same numbers of every account, fetched the same way, and CEL
evaluated on one account after the other, kind by kind; it neither raises nor stores anything.
Usage: python benches/signals.py [--accounts 20000] [--events 20000000] [--runs 2]
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
options.add_argument("--runs", type=int, default=2)
wanted = options.parse_args()
os.environ["BIHUAN_HOME"] = str(company_home(accounts=wanted.accounts, events=wanted.events))

from bihuan.config.home import open_home

open_home()

from django.utils import timezone

from bihuan.base.access import system_actor
from bihuan.base.rules import RuleError, holds
from bihuan.capture.store import close_store, get_store
from bihuan.foresee.signals.actions import ensure_kinds, look_for_signals, wanted_of
from bihuan.foresee.signals.models import KindOfSignal
from bihuan.foresee.signals.queries.units import Needed, units_with
from bihuan.foresee.signals.rules import WORDS, nested

BY = system_actor("bench")
print(f"{get_store().count():,} events")
runs: dict[str, list[float]] = {"a loop over CEL": [], "look for every kind": []}
for _ in range(wanted.runs):
    now = timezone.now()
    day = timezone.localdate(now)
    ensure_kinds(at=now)
    start = time.perf_counter()
    kinds = [wanted_of(row) for row in KindOfSignal.objects.filter(on=True).exclude(rule="")]
    found = 0
    for kind in kinds:
        needed = Needed(about=kind.about, day=day)
        names = {column: needed.take(column, kind=kind) for column in kind.columns}
        for row in units_with(needed, actor=BY).to_pylist():
            record = {word: {} for word in WORDS[kind.about]} | nested(
                {to: row[name] for to, name in names.items()}
            )
            try:
                found += holds(kind.rule, record)
            except RuleError:
                continue
    runs["a loop over CEL"].append(time.perf_counter() - start)
    start = time.perf_counter()
    looked = look_for_signals(day=day, by=BY, at=now)
    runs["look for every kind"].append(time.perf_counter() - start)
loop = min(runs["a loop over CEL"])
for name, times in runs.items():
    print(
        f"{name:22} {min(times):6.2f} s best of {len(times)}, {max(times):6.2f} s worst, {min(times) / loop:5.2f} × the loop"
    )
print(f"{found:,} found by the loop")
print(f"the last look raised {looked.raised:,}, saw {looked.repeated:,} again, left {looked.waiting:,}")
close_store()
