"""Logs written by hand: cases as lists of (activity, hours since the case began, more)."""

from typing import Any

import numpy as np

from bihuan.act.mining.rules.log import Log, coded

HOUR_US = 3_600_000_000


def log_of(cases: dict[str, list[dict[str, Any]]], **of_cases: Any) -> Log:
    """A step is {"activity", "at" (hours), "waiting", "work" (seconds), "late", "limited", "who"}; a case begins at hour 0."""
    names = tuple(cases)
    rows = [(place, step) for place, name in enumerate(names) for step in cases[name]]
    activities, activity = coded([step["activity"] for _place, step in rows])
    people, who = coded([step.get("who", "") for _place, step in rows])
    done = np.asarray([round(step["at"] * HOUR_US) for _place, step in rows], np.int64)
    work = np.asarray([step.get("work", np.nan) for _place, step in rows], np.float64)
    waiting = np.asarray([step.get("waiting", np.nan) for _place, step in rows], np.float64)
    taken = done - np.nan_to_num(work * 1e6).astype(np.int64)
    ends = [max((step["at"] for step in cases[name]), default=0) for name in names]
    n = len(names)
    return Log(
        cases=names, activities=activities, people=people, activity=activity, who=who, done_us=done, taken_us=taken,
        begun_us=taken - np.nan_to_num(waiting * 1e6).astype(np.int64), waiting=waiting, work=work,
        case=np.asarray([place for place, _step in rows], np.int64),
        limited=np.asarray([step.get("limited", False) for _place, step in rows], np.bool_),
        late=np.asarray([step.get("late", False) for _place, step in rows], np.bool_),
        ended=np.asarray(of_cases.get("ended", [True] * n), np.bool_),
        account=np.asarray(of_cases.get("account", [-1] * n), np.int64),
        started_us=np.zeros(n, np.int64), ended_us=np.asarray([round(one * HOUR_US) for one in ends], np.int64),
    )  # fmt: skip
