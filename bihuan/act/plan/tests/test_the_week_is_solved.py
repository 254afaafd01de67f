"""The week as an integer programme: within everybody's minutes, as good as trying every plan, and honest about its bound."""

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.act.plan.rules import Assignment, Candidate, Limits, Part, Person, greedy, solve
from bihuan.act.plan.rules.arrays import Arrays
from bihuan.act.plan.rules.columns import Columns

ROLES = ("operations", "sales")
EXACT = Limits(gap=0.0)


@st.composite
def weeks(draw) -> tuple[list[Candidate], list[Person]]:
    people = [
        Person(id=n + 1, roles=draw(st.sampled_from((("operations",), ("sales",), ROLES))), minutes=draw(st.integers(0, 180)))
        for n in range(draw(st.integers(1, 3)))
    ]  # fmt: skip
    candidates = []
    for account in range(draw(st.integers(1, 4))):
        for play in range(draw(st.integers(1, 2))):
            roles = draw(st.sampled_from((("operations",), ("sales",), ROLES)))
            servers = {}
            if draw(st.booleans()):
                servers = {
                    roles[0]: tuple(draw(st.sets(st.sampled_from([one.id for one in people]), max_size=2)))
                }
            candidates.append(
                Candidate(
                    account=account, play=play, effect=draw(st.integers(-2, 20)) / 100, value=draw(st.integers(0, 900)),
                    minutes={role: draw(st.sampled_from((15, 30, 60, 90))) for role in roles}, servers=servers,
                    explores=draw(st.booleans()),
                )
            )  # fmt: skip
    return candidates, people


def tried(candidates: list[Candidate], people: list[Person], limits: Limits) -> float:
    """The best objective over every plan there is."""
    accounts = sorted({one.account for one in candidates})
    choices = []
    for account in accounts:
        ways: list[tuple[float, tuple[tuple[int, int], ...], int]] = [(0.0, (), 0)]
        for one in (row for row in candidates if row.account == account and row.worth > 0):
            able = [
                [
                    who.id
                    for who in people
                    if (who.id in one.servers[role] if role in one.servers else role in who.roles)
                ]
                for role in one.minutes
            ]
            score = one.worth + limits.must.get(account, 0.0)
            for chosen in product(*able):
                used = tuple(zip(chosen, one.minutes.values(), strict=True))
                ways.append((score, used, 0 if one.explores else sum(one.minutes.values())))
        choices.append(ways)
    most = (1 - limits.explore) * sum(one.minutes for one in people)
    best = 0.0
    for plan in product(*choices):
        used: dict[int, int] = {}
        for _score, parts, _plain in plan:
            for who, minutes in parts:
                used[who] = used.get(who, 0) + minutes
        if sum(plain for _s, _p, plain in plan) <= most and all(
            used.get(one.id, 0) <= one.minutes for one in people
        ):
            best = max(best, sum(score for score, _p, _plain in plan))
    return best


@settings(max_examples=60, deadline=None)
@given(weeks(), st.sampled_from((0.0, 0.25)), st.booleans())
def test_it_is_as_good_as_trying_every_plan(week, explore, must) -> None:
    candidates, people = week
    limits = replace(EXACT, explore=explore, must={0: 40.0} if must else {})
    best = tried(candidates, people, limits)
    found = solve(candidates=candidates, people=people, limits=limits)
    assert found.objective == pytest.approx(best, abs=1e-6) and found.bound == pytest.approx(best, abs=1e-5)
    loose = solve(candidates=candidates, people=people, limits=replace(limits, gap=0.05))
    assert loose.objective >= best * 0.95 - 1e-6 and loose.bound >= best - 1e-6


@settings(max_examples=60, deadline=None)
@given(weeks(), st.sampled_from((0.0, 0.4)))
def test_nobody_gets_more_than_their_minutes_nor_an_account_two_plays(week, explore) -> None:
    candidates, people = week
    found = solve(candidates=candidates, people=people, limits=Limits(explore=explore))
    minutes = {one.id: one.minutes for one in people}
    assert all(used <= minutes[who] for who, used in found.used.items())
    assert len({one.account for one in found.assignments}) == len(found.assignments)
    plain = sum(one.minutes for one in found.assignments if not one.explores)
    assert plain <= (1 - explore) * sum(minutes.values()) + 1e-6
    known = {(one.account, one.play): one for one in candidates}
    for one in found.assignments:
        asked = known[one.account, one.play]
        assert {part.role: part.minutes for part in one.parts} == asked.minutes
        for part in one.parts:
            able = asked.servers.get(part.role)
            who = next(person for person in people if person.id == part.person)
            assert part.person in able if able is not None else part.role in who.roles
    assert len(found.assignments) + sum(found.reasons.values()) == len(candidates)


@settings(max_examples=40, deadline=None)
@given(weeks(), st.data())
def test_without_a_person_it_is_never_worth_more_and_with_more_time_never_less(week, data) -> None:
    candidates, people = week
    whole = solve(candidates=candidates, people=people, limits=EXACT)
    gone = data.draw(st.sampled_from(people))
    fewer = solve(candidates=candidates, people=[one for one in people if one != gone], limits=EXACT)
    assert fewer.objective <= whole.objective + 1e-6 and fewer.bound <= whole.bound + 1e-5
    longer = [replace(one, minutes=one.minutes + 60) if one == gone else one for one in people]
    more = solve(candidates=candidates, people=longer, limits=EXACT)
    assert more.bound >= whole.bound - 1e-5


@settings(max_examples=40, deadline=None)
@given(weeks(), st.integers(10, 400))
def test_what_is_locked_stays_and_takes_its_minutes(week, minutes) -> None:
    candidates, people = week
    one, who = candidates[0], people[0]
    lock = Assignment(
        account=one.account, play=one.play, parts=(Part(role="operations", person=who.id, minutes=minutes),),
        worth=one.worth, locked=True,
    )  # fmt: skip
    found = solve(candidates=candidates, people=people, limits=EXACT, locked=[lock])
    assert found.assignments[0] == lock
    assert [row.account for row in found.assignments].count(one.account) == 1
    assert found.used[who.id] <= max(who.minutes, minutes), "only the lock itself may go over"
    assert found.bound >= found.objective


def week_of(accounts: int, *, seed: int) -> tuple[list[Candidate], list[Person]]:
    rng = np.random.default_rng(seed)
    people = [Person(id=n, roles=(ROLES[n % 2],), minutes=int(rng.integers(300, 900))) for n in range(8)]
    value, risk = rng.lognormal(10, 1, accounts), rng.beta(1, 7, accounts)
    minutes = [{"operations": 45}, {"sales": 60}, {"operations": 30, "sales": 30}]
    candidates = [
        Candidate(
            account=a, play=p, effect=float(risk[a] * rng.uniform(0.1, 0.6)), value=float(value[a]), minutes=minutes[p],
            servers={} if a % 2 else {role: (int(rng.integers(0, 4)) * 2 + ROLES.index(role),) for role in minutes[p]},
        )
        for a in range(accounts) for p in range(3)
    ]  # fmt: skip
    return candidates, people


def test_a_large_week_is_within_a_hundredth_of_its_bound() -> None:
    candidates, people = week_of(1_500, seed=3)
    patient = Limits(seconds=60.0)  # a machine that does much else needs longer
    found = solve(candidates=candidates, people=people, limits=patient)
    assert 0 <= found.gap <= 0.01 and found.value <= found.bound
    plain = sum(one.worth for one in greedy(candidates=candidates, people=people))
    assert found.value >= plain


def test_the_bound_of_a_large_week_is_that_of_the_whole_linear_programme_or_below() -> None:
    candidates, people = week_of(800, seed=5)
    quick = solve(candidates=candidates, people=people, limits=Limits(gap=0.1))
    exact = solve(candidates=candidates, people=people)
    every = Columns(Arrays(candidates=candidates, people=people, limits=Limits(), locked=()))
    for at, groups in enumerate(every.arrays.parts):
        for who in product(*(every.arrays.groups[g].people.tolist() for g in groups)):
            every.add(at, who)
    whole = every.linear().value
    assert whole - 1e-6 <= quick.bound <= whole * 1.011
    assert quick.objective <= exact.bound + 1e-6 and exact.objective <= exact.bound <= whole * 1.0011


def test_an_hour_is_worth_what_it_would_bring() -> None:
    people = [Person(id=1, roles=("operations",), minutes=60)]
    plays = [
        Candidate(account=a, play=1, effect=0.1, value=1_000 - a, minutes={"operations": 60})
        for a in range(4)
    ]
    found = solve(candidates=plays, people=people, limits=EXACT)
    more = solve(candidates=plays, people=[replace(people[0], minutes=120)], limits=EXACT)
    assert found.hours["operations"].person == 1
    assert more.value - found.value <= found.hours["operations"].worth + 1e-6
    assert found.hours["operations"].worth == pytest.approx(100, rel=0.01)


def test_what_is_left_out_says_why() -> None:
    people = [Person(id=1, roles=("operations",), minutes=60)]
    rich = Candidate(account=1, play=1, effect=0.2, value=1_000, minutes={"operations": 60})
    found = solve(
        candidates=[
            rich, replace(rich, play=2, effect=0.1), replace(rich, account=2, effect=0.1),
            replace(rich, account=3, minutes={"sales": 10}), replace(rich, account=4, effect=0.0),
        ],
        people=people, limits=replace(EXACT, must={2: 0.0, 3: 10.0}),
    )  # fmt: skip
    assert found.reasons == {"other_play": 1, "hours": 1, "nobody": 1, "no_gain": 1}
    assert [(one.account, one.reason, one.role) for one in found.left_out] == [
        (3, "nobody", "sales"), (2, "hours", "operations"), (4, "no_gain", "")
    ]  # fmt: skip
    assert found.left_out[1].price >= found.left_out[1].worth
    assert found.untouched == (2, 3)


def test_who_must_be_touched_comes_first_as_long_as_the_penalty_is_high() -> None:
    people = [Person(id=1, roles=("operations",), minutes=60)]
    rich = Candidate(account=1, play=1, effect=0.2, value=1_000, minutes={"operations": 60})
    poor = replace(rich, account=2, effect=0.01)
    pressed = solve(candidates=[rich, poor], people=people, limits=replace(EXACT, must={2: 500.0}))
    assert [one.account for one in pressed.assignments] == [2] and pressed.untouched == ()
    assert pressed.value == pytest.approx(10) and pressed.objective == pytest.approx(510)


@pytest.mark.parametrize(
    ("limits", "people", "said"),
    [(Limits(explore=1.0), (), "explore"), (Limits(gap=-1), (), "gap"), (Limits(must={1: -2.0}), (), "must"),
     (Limits(), (Person(id=1, roles=(), minutes=-5),), "people"), (Limits(), (Person(id=1, roles=(), minutes=5),) * 2, "people")],
)  # fmt: skip
def test_what_cannot_be_is_named(limits, people, said) -> None:
    with pytest.raises(ValueError, match=said):
        solve(candidates=[], people=people, limits=limits)
