"""Health over real events, contracts, tickets and decision chains: as of today, and as of a day in the past.

Long because every measure is asked of the same company.
"""

from datetime import date, timedelta

import pytest
from cast import NOW, SYSTEM, TODAY
from django.core.exceptions import ValidationError
from django.utils import translation

from bihuan.base.bus import publish
from bihuan.base.bus.models import OutboxFact
from bihuan.base.jobs import enqueue
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain
from bihuan.capture.imports.events import ImportFinished
from bihuan.foresee.health.actions import compute_health, end_override, override_health, save_model
from bihuan.foresee.health.actions.standard import STANDARD
from bihuan.foresee.health.models import HealthModel, HealthScore
from bihuan.foresee.health.queries import (
    active_model,
    current_health,
    history_of,
    last_day,
    lines_of,
    model_of,
    reasons,
    reasons_in_words,
    written,
)
from bihuan.know.accounts.actions import add_person
from bihuan.know.chain.actions import remove_chain_member, set_chain_member
from bihuan.serve.tickets import actions as tickets
from bihuan.understand.metrics.queries import values_as_of
from tests.events import happened, store_events

pytestmark = pytest.mark.django_db
DAY = timedelta(days=1)


def measured(account, *names, day=TODAY):
    """The named measures of an account as of a day; None for no value."""
    found = values_as_of(day=day, names=names, account_ids=[account.pk])
    values = [found.by_measure[name][0] for name in names]
    plain = [None if value != value else round(float(value), 4) for value in values]
    return plain[0] if len(names) == 1 else tuple(plain)


def simple(*parts, floors=(), coverage=0):
    """A model document of (measure, weight, curve)."""
    return {
        "minimum_coverage": coverage,
        "bands": [{"name": "red", "from": 0}, {"name": "amber", "from": 40}, {"name": "green", "from": 70}],
        "measures": [{"measure": name, "weight": weight, "curve": curve} for name, weight, curve in parts],
        "floors": list(floors),
    }


BY_PEOPLE = simple(("active_people", 1, [[0, 0], [4, 100]]))
BY_PEOPLE_TWICE = simple(("active_people", 1, [[0, 0], [2, 100]]))


@pytest.fixture
def company(cast, contracts, event_home):
    """Yunshan: four people used five features on ten of the last days; Songtao: one person 40 days ago."""
    people = [cast.lin] + [
        add_person(
            account=cast.yunshan, starts_on=date(2025, 1, 1), key=f"p{n}", name=f"P{n}", by=SYSTEM, at=NOW
        )
        for n in range(3)
    ]
    rows = [
        happened(f"feature_{n % 5}", ts=NOW - (n % 10) * DAY, account=cast.yunshan, person=people[n % 4])
        for n in range(40)
    ]
    rows.append(happened("signed_in", ts=NOW - 40 * DAY, account=cast.songtao, person=cast.he))
    rows.append(happened("ticket_opened", ts=NOW, account=cast.songtao, person=cast.he, source_id=0))
    store_events(*rows)
    return cast


def test_use_is_counted_over_28_days_and_our_own_actions_are_no_use(company):
    use = ("active_people", "active_days", "features", "days_silent")
    assert measured(company.yunshan, *use) == (4, 10, 5, 0)
    assert measured(company.songtao, *use) == (0, 0, 0, 40)
    assert measured(company.yunshan, "seats_active") == 0.04
    assert measured(company.songtao, "seats_active") == 0


def test_a_trend_compares_with_the_accounts_own_past_and_needs_one(company):
    assert measured(company.yunshan, "usage_trend") is None
    weeks_ago = [
        happened("work", ts=NOW - n * DAY, account=company.yunshan, person=company.lin)
        for n in range(28, 112)
    ]
    store_events(
        *weeks_ago, *[happened("work", ts=NOW - 111 * DAY, account=company.yunshan) for _ in range(36)]
    )
    assert measured(company.yunshan, "usage_trend") == round(40 / 40 - 1, 4)


def test_an_event_that_came_in_after_the_day_does_not_count_on_that_day(company):
    late = happened(
        "work", ts=NOW - 39 * DAY, account=company.songtao, person=company.lin, received_at=NOW - DAY
    )
    store_events(late)
    then = TODAY - 39 * DAY
    assert measured(company.songtao, "active_people", "active_days", day=then) == (1, 1)
    assert measured(company.songtao, "days_silent", day=TODAY - 2 * DAY) == 38
    assert measured(company.songtao, "days_silent") == 39


def test_an_event_of_a_later_day_does_not_count_even_when_it_was_received_before(company):
    store_events(
        happened("work", ts=NOW, account=company.songtao, person=company.he, received_at=NOW - 3 * DAY)
    )
    assert measured(company.songtao, "days_silent", day=TODAY - DAY) == 39
    assert measured(company.songtao, "days_silent") == 0


def test_a_day_ends_at_midnight_in_the_organisations_zone(company):
    at_one_in_shanghai = NOW.replace(hour=17, minute=0)  # 01:00 of the next day
    store_events(happened("work", ts=at_one_in_shanghai, account=company.songtao, person=company.he))
    assert measured(company.songtao, "active_days") == 0
    assert measured(company.songtao, "active_days", day=TODAY + DAY) == 1


def test_a_ticket_counts_from_the_day_it_was_opened_and_as_open_until_it_was_solved(company):
    ticket = tickets.open_ticket(
        account=company.yunshan, subject="慢", priority="high", by=SYSTEM, at=NOW - 10 * DAY
    )
    tickets.open_ticket(account=company.yunshan, subject="问", by=SYSTEM, at=NOW - 2 * DAY)
    tickets.solve_ticket(ticket=ticket, by=SYSTEM, at=NOW - 5 * DAY)
    tickets.rate_ticket(ticket=ticket, satisfaction=2, by=SYSTEM, at=NOW - 5 * DAY)
    of = ("open_tickets", "resolution_hours", "satisfaction")
    assert measured(company.yunshan, *of, day=TODAY - 11 * DAY) == (None, None, None)
    assert measured(company.yunshan, *of, day=TODAY - 7 * DAY) == (2, None, None)
    assert measured(company.yunshan, *of, day=TODAY - 4 * DAY) == (0, 120, 2)
    assert measured(company.yunshan, *of) == (1, 120, 2)
    assert measured(company.yunshan, *of, day=TODAY + 120 * DAY) == (1, None, None)


def test_a_broken_time_limit_counts_from_the_day_it_was_broken_by_an_answer(company):
    ticket = tickets.open_ticket(
        account=company.yunshan, subject="慢", priority="urgent", by=SYSTEM, at=NOW - 10 * DAY
    )
    tickets.open_ticket(account=company.yunshan, subject="问", by=SYSTEM, at=NOW - 9 * DAY)
    tickets.answer_ticket(ticket=ticket, by=SYSTEM, at=NOW - 5 * DAY)
    assert measured(company.yunshan, "late_tickets", day=TODAY - 7 * DAY) == 0
    assert measured(company.yunshan, "late_tickets") == 1
    assert measured(company.yunshan, "late_tickets", day=TODAY + 120 * DAY) is None


def test_a_contact_after_the_day_does_not_count_on_that_day(company):
    for role, stance in (("champion", 2), ("signer", 0)):
        set_chain_member(
            account=company.yunshan, person=company.lin, role="user" if role == "champion" else role, stance=stance,
            influence=3, last_contact_on=TODAY - 3 * DAY, by=SYSTEM, at=NOW - 30 * DAY + 27 * DAY,
        )  # fmt: skip
    of = ("chain_coverage", "people_in_touch", "champion_silent_days")
    assert measured(company.yunshan, *of, day=TODAY - 4 * DAY) == (None, None, None), "nobody was known yet"
    assert measured(company.yunshan, *of, day=TODAY - 3 * DAY) == (0.4, 1, 0)
    assert measured(company.yunshan, *of) == (0.4, 1, 3)
    assert measured(company.yunshan, *of, day=TODAY + 100 * DAY) == (0.4, 0, 103)


def test_a_member_taken_out_of_the_chain_no_longer_counts(company):
    member = set_chain_member(
        account=company.yunshan, person=company.lin, role="signer", stance=1, influence=2, by=SYSTEM, at=NOW
    )
    assert measured(company.yunshan, "chain_coverage") == 0.2
    remove_chain_member(member=member, by=SYSTEM, at=NOW)
    assert measured(company.yunshan, "chain_coverage") is None


def test_contracts_count_from_their_start_until_the_day_before_their_end(company):
    of = ("mrr", "days_to_renewal")
    assert measured(company.yunshan, *of, day=date(2025, 1, 9)) == (None, None)
    assert measured(company.yunshan, *of, day=date(2025, 1, 10)) == (40_000, 729)
    assert measured(company.yunshan, *of, day=date(2027, 1, 8)) == (40_000, 1)
    assert measured(company.yunshan, *of, day=date(2027, 1, 9)) == (None, None)
    assert measured(company.songtao, *of) == (5_000, None), (
        "a trial counts as zero, open-ended has no renewal"
    )
    assert measured(company.songtao, "mrr_change", day=date(2025, 7, 1)) is None
    assert measured(company.songtao, "mrr_change") == 0


def test_all_accounts_are_scored_with_what_was_known_on_the_day(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    assert compute_health(day=TODAY, by=SYSTEM, at=NOW) == 2
    compute_health(day=TODAY - 9 * DAY, by=SYSTEM, at=NOW)
    now, then = current_health(), current_health(on=TODAY - 2 * DAY)
    assert {pk: (h.score, h.band) for pk, h in now.items()} == {
        company.yunshan.pk: (100, "green"), company.songtao.pk: (0, "red"),
    }  # fmt: skip
    assert (then[company.yunshan.pk].score, then[company.yunshan.pk].band) == (50, "amber"), (
        "two people by then"
    )
    assert last_day() == TODAY
    assert current_health(on=TODAY - 30 * DAY) == {}


def test_scoring_a_day_again_replaces_it(company):
    for _ in range(2):
        compute_health(day=TODAY, by=SYSTEM, at=NOW)
    assert HealthScore.objects.count() == 2
    assert OutboxFact.objects.filter(name="health_computed").count() == 2


def test_the_first_scoring_puts_the_standard_model_in_force_and_explains_every_measure(company):
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    assert HealthModel.objects.get().document == STANDARD
    row, model = active_model()
    health = current_health()[company.yunshan.pk]
    lines = lines_of(health)
    assert {line.measure for line in lines} == {part.measure for part in model.parts}
    assert len(lines) >= 10
    assert health.raw == pytest.approx(100 - sum(line.lost for line in lines), abs=0.2)
    assert health.coverage < 100
    assert health.version == row.version == 1


def test_little_known_is_unknown_and_not_red(company):
    save_model(document=STANDARD | {"minimum_coverage": 95}, by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    health = current_health()[company.songtao.pk]
    assert (health.score, health.band, health.shape) == (None, "unknown", "ring")
    assert 0 < health.coverage < 95


def test_a_floor_is_kept_with_the_score_and_said_first(company):
    floors = [{"when": "m.days_silent > 30.0", "cap": 35, "reason": "No use for more than 30 days"}]
    parts = (("mrr", 3, [[0, 0], [4000, 100]]), ("active_people", 1, [[0, 0], [4, 100]]))
    save_model(document=simple(*parts, floors=floors), by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    health = current_health()[company.songtao.pk]
    assert (health.score, health.raw, health.floor) == (35, 75, "No use for more than 30 days")
    _row, model = active_model()
    with translation.override("en"):
        said = reasons_in_words(reasons(model=model, parts=health.parts, floor=health.floor))
    assert said == ["No use for more than 30 days", "Active people 0"]


def test_history_is_kept_with_the_model_version_of_its_time(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    compute_health(day=TODAY - 30 * DAY, by=SYSTEM, at=NOW)
    compute_health(day=TODAY - 9 * DAY, by=SYSTEM, at=NOW)
    save_model(document=BY_PEOPLE_TWICE, note="half the people", by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    assert history_of(account_id=company.yunshan.pk, since=TODAY - 20 * DAY) == [
        (TODAY - 9 * DAY, 50, "amber", 1), (TODAY, 100, "green", 2),
    ]  # fmt: skip
    assert model_of(HealthModel.objects.get(version=1)).parts[0].curve[1] == (4, 100)


def test_the_change_of_a_month_is_said_but_measures_of_two_models_are_not_compared(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    compute_health(day=TODAY - 30 * DAY, by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    health = current_health()[company.yunshan.pk]
    assert health.delta is None, "a month ago nothing was known"
    assert lines_of(health)[0].moved is None
    store_events(happened("work", ts=NOW - 45 * DAY, account=company.yunshan, person=company.lin))
    compute_health(day=TODAY - 30 * DAY, by=SYSTEM, at=NOW)
    health = current_health()[company.yunshan.pk]
    assert (health.delta, lines_of(health)[0].moved) == (75, 75)
    save_model(document=BY_PEOPLE_TWICE, by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    health = current_health()[company.yunshan.pk]
    assert (health.delta, lines_of(health)[0].moved) == (75, None)


def test_the_first_scoring_asks_for_no_second(company):
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    assert HealthModel.objects.get().active
    assert not Job.objects.filter(name="health.compute").exists()


def test_a_reason_below_zero_has_a_true_minus_sign():
    assert written("score", -4.25) == "−4.2"
    assert written("percent", -0.5).startswith("−50")


def test_the_same_document_makes_no_new_version(company):
    first = save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    assert save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW) == first
    assert Job.objects.filter(name="health.compute").count() == 1


def test_a_wrong_document_changes_nothing(company):
    with pytest.raises(ValidationError, match=r"measures\[0\]"):
        save_model(document=simple(("peoble", 1, [[0, 0], [1, 1]])), by=SYSTEM, at=NOW)
    assert not HealthModel.objects.exists()


def test_a_change_of_band_is_told_once(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    compute_health(day=TODAY - 9 * DAY, by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    facts = OutboxFact.objects.filter(name="health_band_changed")
    assert [(f.account_id, f.payload["before"], f.payload["after"]) for f in facts] == [
        (company.yunshan.pk, "amber", "green")
    ]
    compute_health(day=TODAY + DAY, by=SYSTEM, at=NOW)
    assert facts.count() == 1


def test_an_override_counts_until_its_end_and_the_computed_score_stays_visible(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    mei = company.actor("mei")
    override_health(
        account=company.yunshan,
        score=30,
        reason="New CIO",
        expires_on=TODAY + 10 * DAY,
        today=TODAY,
        by=mei,
        at=NOW,
    )
    health = current_health()[company.yunshan.pk]
    assert (health.score, health.band, health.computed) == (30, "red", 100)
    assert (health.override.reason, health.override.author_name) == ("New CIO", mei.name)
    compute_health(day=TODAY + 9 * DAY, by=SYSTEM, at=NOW)
    assert current_health()[company.yunshan.pk].score == 30
    compute_health(day=TODAY + 10 * DAY, by=SYSTEM, at=NOW)
    assert current_health()[company.yunshan.pk].override is None


def test_ending_an_override_lets_the_computed_score_count_again(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    compute_health(day=TODAY, by=SYSTEM, at=NOW)
    for score in (30, 45):
        override_health(
            account=company.yunshan,
            score=score,
            reason="x",
            expires_on=TODAY + DAY,
            today=TODAY,
            by=SYSTEM,
            at=NOW,
        )
    assert current_health()[company.yunshan.pk].score == 45, "the later judgement replaces the earlier"
    for _ in range(2):
        end_override(account=company.yunshan, by=SYSTEM, at=NOW)
    assert current_health()[company.yunshan.pk].score == 100
    assert OutboxFact.objects.filter(name="health_override_ended").count() == 1


@pytest.mark.parametrize("days", [0, -1, 181])
def test_an_override_ends_after_today_and_within_180_days(company, days):
    with pytest.raises(ValidationError, match="180"):
        override_health(
            account=company.yunshan,
            score=1,
            reason="x",
            expires_on=TODAY + days * DAY,
            today=TODAY,
            by=SYSTEM,
            at=NOW,
        )


def test_an_override_needs_a_reason_and_a_score_within_0_and_100(company):
    for score, reason in ((101, "x"), (50, "  ")):
        with pytest.raises(ValidationError):
            override_health(
                account=company.yunshan,
                score=score,
                reason=reason,
                expires_on=TODAY + DAY,
                today=TODAY,
                by=SYSTEM,
                at=NOW,
            )


def test_past_weeks_are_scored_once_and_thinned_to_one_a_week(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    Job.objects.all().delete()
    enqueue("health.backfill", by=SYSTEM, at=NOW, weeks=3)
    drain(at=NOW)
    row = Job.objects.get(name="health.backfill")
    assert (row.state, row.result) == (Job.State.DONE, {"days": 4}), row.error
    assert OutboxFact.objects.filter(name="health_band_changed").count() == 0
    enqueue("health.backfill", by=SYSTEM, at=NOW, weeks=3)
    drain(at=NOW)
    assert Job.objects.filter(name="health.backfill").latest("pk").result == {"days": 0}
    for back in (49, 50, 51):
        compute_health(day=TODAY - back * DAY, by=SYSTEM, at=NOW)
    enqueue("health.thin", by=SYSTEM, at=NOW)
    drain(at=NOW)
    old = HealthScore.objects.filter(day__lt=TODAY - 40 * DAY).values_list("day", flat=True).distinct()
    assert list(old) == [TODAY - 51 * DAY], "the Monday stands for its week"
    assert HealthScore.objects.filter(day__gte=TODAY - 40 * DAY).values("day").distinct().count() == 4


def test_imports_ask_for_one_scoring_of_today(company):
    save_model(document=BY_PEOPLE, by=SYSTEM, at=NOW)
    Job.objects.all().delete()
    for number in range(2):
        fact = ImportFinished(
            import_id=number, mapping="m.yaml", created=1, updated=0, rejected=0, suspicious=0
        )
        publish(fact, by=SYSTEM, at=NOW)
    drain(at=NOW)
    done = Job.objects.filter(name="health.compute")
    assert [row.state for row in done] == [Job.State.DONE], [row.error for row in done]
    assert done[0].result["accounts"] == 2
