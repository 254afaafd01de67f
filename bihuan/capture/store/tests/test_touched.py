"""Whether days were touched since a place of the log, beside a plain list of everything that was noted."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from bihuan.capture.store.touched import Touched

DAY = date(2026, 3, 1)
days = st.one_of(
    st.just(date.min), st.integers(0, 20).map(lambda n: DAY + timedelta(days=n)), st.just(date.max)
)


@given(
    since=st.integers(0, 5),
    pieces=st.lists(st.tuples(st.integers(1, 3), days), max_size=30),
    asked=st.lists(st.tuples(st.integers(0, 70), st.integers(-2, 22)), min_size=1, max_size=20),
)
def test_it_says_what_a_list_of_all_would_say(since, pieces, asked) -> None:
    touched, noted, seq = Touched(since=since), [], since
    for more, first in pieces:
        seq += more
        touched.note(seq=seq, first=first)
        noted.append((seq, first))
    for after, days_on in asked:
        until = DAY + timedelta(days=days_on)
        known = after >= since
        expected = not known or any(at > after and first <= until for at, first in noted)
        assert touched.after(after, until=until) == expected
