"""Retention, stickiness and life cycle, by looking at every unit, cohort and period."""

from collections import Counter, defaultdict
from datetime import date, timedelta

DAY_US = 86_400_000_000


def start_of(day: date, every: str) -> date:
    while every == "week" and day.isoweekday() != 1:
        day -= timedelta(days=1)
    while every == "month" and day.day != 1:
        day -= timedelta(days=1)
    return day


def next_start(day: date, every: str) -> date:
    begin = start_of(day, every)
    while start_of(day, every) == begin:
        day += timedelta(days=1)
    return day


def periods_between(first: date, later: date, every: str) -> int:
    n, day = 0, start_of(first, every)
    while day < start_of(later, every):
        n, day = n + 1, next_start(day, every)
    return n


def retention(q, starts, backs):
    """(cohort, n): units. `starts` and `backs`: (unit, µs, day) in and, for first starts, before the period."""
    cohorts = defaultdict(list)
    for unit, us, day in starts:
        cohorts[unit if q.cohorts == "first" else (unit, start_of(day, q.every))].append((us, day, unit))
    result: Counter = Counter()
    for found in cohorts.values():
        us, day, unit = min(found)
        if day < q.scope.first:
            continue
        reached = set()
        for other, back_us, back_day in backs:
            if other != unit or not q.scope.first <= back_day <= q.scope.last:
                continue
            if q.clock == "calendar":
                reached.add(periods_between(day, back_day, q.every))
            elif back_us >= us:
                reached.add((back_us - us) // ({"day": 1, "week": 7, "month": 30}[q.every] * DAY_US))
        cohort = start_of(day, q.every)
        result[cohort, 0] += 1
        for n in range(1, q.periods + 1):
            result[cohort, n] += (n in reached) if q.returned == "on" else any(one >= n for one in reached)
    return +result


def stickiness(q, active):
    """n: units active in exactly n buckets."""
    buckets = defaultdict(set)
    for unit, _, day in active:
        if q.scope.first <= day <= q.scope.last:
            buckets[unit].add(start_of(day, q.every))
    return Counter(len(found) for found in buckets.values())


def lifecycle(q, active):
    """bucket: (new, returning, resurrected, dormant)."""
    buckets = defaultdict(set)
    for unit, _, day in active:
        if day <= q.scope.last:
            buckets[unit].add(start_of(day, q.every))
    result, bucket = {}, start_of(q.scope.first, q.every)
    while bucket <= q.scope.last:
        before = max((b for found in buckets.values() for b in found if b < bucket and next_start(b, q.every) == bucket),
                     default=None)  # fmt: skip
        counts = [0, 0, 0, 0]
        for found in buckets.values():
            was, now, earlier = before in found, bucket in found, any(b < bucket for b in found)
            counts[0] += now and not earlier
            counts[1] += now and was
            counts[2] += now and earlier and not was
            counts[3] += was and not now
        result[bucket] = tuple(counts)
        bucket = next_start(bucket, q.every)
    return result
