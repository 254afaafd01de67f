"""Marks on an axis of time: in the bucket of their day, bands where they last, those outside left out."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bihuan.base.ui.charts import Mark, TimeAxis, marked, over_time

MONDAYS = [date(2026, 11, 2) + timedelta(weeks=n) for n in range(3)]


def weekly(*marks):
    axis = TimeAxis.of(MONDAYS, each=7)
    chart = over_time(title="t", first="d", labels=axis.labels, series=[("n", [1, 2, 3])], axis=axis)
    return marked(chart, marks)


def mark(first, last=None, label="3.2"):
    return Mark(first=date.fromisoformat(first), last=date.fromisoformat(last or first), label=label)


def test_a_day_is_marked_in_its_week_and_a_period_is_a_band():
    chart = weekly(mark("2026-11-11"), mark("2026-11-03", "2026-11-30", label="{autumn}"))
    series = chart.option["series"][-1]
    assert series["marks"] and series["data"] == [] and "name" not in series
    assert [(one["xAxis"], one["label"]["formatter"]) for one in series["markLine"]["data"]] == [
        ("2026-11-02", "(autumn)"),
        ("2026-11-09", "3.2"),
    ]
    assert series["markArea"]["data"] == [[{"xAxis": "2026-11-02"}, {"xAxis": "2026-11-16"}]]
    assert len(chart.marks) == 2


def test_several_of_one_week_share_a_line_that_names_them_all():
    series = weekly(mark("2026-11-03"), mark("2026-11-04", label="sale")).option["series"][-1]
    (line,) = series["markLine"]["data"]
    assert (line["label"]["formatter"], line["name"]) == ("3.2 +1", "3.2 · sale")


def test_what_lies_outside_is_left_out_and_no_mark_changes_nothing():
    chart = weekly(mark("2026-11-01"), mark("2026-11-23"))
    assert len(chart.option["series"]) == 1 and not chart.marks
    assert weekly(mark("2026-11-22")).marks
    plain = over_time(title="t", first="d", labels=["x"], series=[("n", [1])])
    assert marked(plain, [mark("2026-11-03")]) is plain


days = st.dates(date(2026, 10, 20), date(2026, 12, 5))


@given(first=days, length=st.integers(0, 40))
def test_a_mark_is_drawn_exactly_when_it_touches_the_axis_and_from_its_first_bucket_on(first, length):
    last = first + timedelta(days=length)
    chart = weekly(Mark(first=first, last=last, label="x"))
    touched = [n for n, monday in enumerate(MONDAYS) if first < monday + timedelta(7) and last >= monday]
    assert bool(chart.marks) == bool(touched)
    if touched:
        series = chart.option["series"][-1]
        assert series["markLine"]["data"][0]["xAxis"] == str(MONDAYS[touched[0]])
        band = [[{"xAxis": str(MONDAYS[touched[0]])}, {"xAxis": str(MONDAYS[touched[-1]])}]]
        assert series["markArea"]["data"] == (band if len(touched) > 1 else [])
