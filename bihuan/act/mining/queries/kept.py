"""Logs that were read, kept in this process while they are as they were: a large one is looked at from many sides."""

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import connection

T = TypeVar("T")
#: So many logs are kept, and so many steps of all together; what was not looked at longest goes first.
MOST_LOGS, MOST_STEPS_KEPT = 8, 1_500_000
#: A log with fewer steps is read as quickly as it is found.
FEWEST = 2_000
_logs: "OrderedDict[tuple[Any, ...], tuple[tuple[Any, ...], Any]]" = OrderedDict()
_lock = Lock()


def kept(rows: Any, seen: tuple[Any, ...], read: Callable[[], T]) -> T:
    """What `read` gives of these rows, from before where `seen` (its last: the number of steps) is the same; within the same
    territory only, because that is part of the question that the rows ask."""
    try:
        key = (str(connection.settings_dict["NAME"]), *map(str, rows.query.sql_with_params()))
    except EmptyResultSet:
        return read()
    with _lock:
        found = _logs.get(key)
        if found is not None and found[0] == seen:
            _logs.move_to_end(key)
            known: T = found[1]
            return known
    fresh = read()
    if seen[-1] >= FEWEST:
        with _lock:
            _logs[key] = (seen, fresh)
            _logs.move_to_end(key)
            while len(_logs) > MOST_LOGS or (
                len(_logs) > 1 and sum(one[0][-1] for one in _logs.values()) > MOST_STEPS_KEPT
            ):
                _logs.popitem(last=False)
    return fresh


def forget_logs() -> None:
    """Tests whose database begins again begin again here."""
    with _lock:
        _logs.clear()
