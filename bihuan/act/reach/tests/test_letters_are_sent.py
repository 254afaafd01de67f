"""Letters: what arrives, what its links do, and what becomes of a letter when the server stumbles."""

from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from django.test import Client

from bihuan.act.reach.actions import change_limits, note_reading, opt_out, retry_message, send_due
from bihuan.act.reach.models import Attempt, OptOut, State, Why
from bihuan.base.bus.models import OutboxFact

pytestmark = pytest.mark.django_db


def path_of(url: str) -> str:
    return urlsplit(url).path


@pytest.fixture
def sent(box, channel, send):
    row = send(channel("email"))
    assert send_due(at=NOW) == (1, False)
    row.refresh_from_db()
    return row


def test_a_letter_arrives_with_its_text_in_two_forms(box, sent, cast):
    (letter,) = box.letters()
    assert sent.state == State.SENT and not sent.unconfirmed
    assert letter["Message-ID"] == f"<{sent.uid.hex}@bihuan.example>"
    assert letter["To"] == "林云 <lin@yunshan.example>" and letter["From"] == "闭环 <hello@bihuan.example>"
    assert letter["Subject"] == "林云，合同快到期了"
    text = letter.get_body(("plain",)).get_content()
    assert "云杉仪器 的合同还有 30 天到期。" in text and "去续约: https://bihuan.example/r/c/" in text
    assert '<html lang="zh-hans">' in letter.get_body(("html",)).get_content()
    names = list(
        OutboxFact.objects.filter(account_id=cast.yunshan.pk).order_by("pk").values_list("name", flat=True)
    )
    assert names[-2:] == ["message_queued", "message_sent"]
    assert (Attempt.objects.get().ok, Attempt.objects.get().status) == (True, 250)


def test_values_are_text_and_break_out_of_nothing(box, channel, send, cast, template):
    cast.lin.name = "Lin\r\nBcc: everybody@example.com <b>{{ my_name }}"
    row = send(channel("email"), template=template(body_zh="{{ person.name }}"), person=cast.lin)
    send_due(at=NOW)
    (letter,) = box.letters()
    assert "Bcc" not in letter and "\n" not in letter["Subject"]
    assert "&lt;b&gt;" in letter.get_body(("html",)).get_content()
    assert "{{ my_name }}" in row.body, "what a value holds is not read again"


def test_a_line_with_a_dot_ends_nothing(box, channel, send, template):
    send(channel("email"), template=template(body_zh="one\n.\ntwo"))
    send_due(at=NOW)
    assert "one\r\n.\r\ntwo" in box.letters()[0].get_body(("plain",)).get_content()


def test_the_same_key_is_the_same_message(box, channel, send):
    to = channel("email")
    first = send(to)
    again = send(to, template=first.template)
    assert first.pk == again.pk
    send_due(at=NOW)
    send_due(at=NOW + timedelta(hours=1))
    assert len(box.got) == 1


def test_its_link_leads_to_the_link_of_the_message_and_counts_once(box, sent):
    there = path_of(
        next(w for w in box.letters()[0].get_body(("plain",)).get_content().split() if "/r/c/" in w)
    )
    for _ in range(2):
        answer = Client().get(there + "?next=https://evil.example")
        assert (answer.status_code, answer["location"]) == (302, "https://app.example/renew")
    sent.refresh_from_db()
    assert sent.clicked_at and sent.opened_at
    facts = OutboxFact.objects.filter(name__in=["message_opened", "message_clicked"])
    assert sorted((f.name, f.person_id, f.account_id) for f in facts) == [
        ("message_clicked", sent.person_id, sent.account_id), ("message_opened", sent.person_id, sent.account_id)
    ]  # fmt: skip


@pytest.mark.parametrize("way", ["c", "u", "o"])
def test_a_token_that_is_not_ours_leads_nowhere(sent, way):
    for token in ("x", f"{sent.uid.hex}.{'A' * 43}", f"{sent.uid.hex}"):
        answer = Client().get(f"/r/{way}/{token}/")
        assert answer.status_code == (200 if way == "o" else 404)
    sent.refresh_from_db()
    assert sent.opened_at is None


def test_who_unsubscribes_with_one_click_gets_no_more(box, sent, send, channel):
    letter = box.letters()[0]
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    there = path_of(letter["List-Unsubscribe"].strip("<>"))
    assert Client().get(there).status_code == 200 and not OptOut.objects.exists(), "looking is not leaving"
    assert Client(enforce_csrf_checks=True).post(there, {"List-Unsubscribe": "One-Click"}).status_code == 200
    row = send(sent.channel, key="next", template=sent.template)
    assert (row.state, row.reason) == (State.SKIPPED, Why.OPTED_OUT)
    Client().post(there, {"again": "1"})
    assert send(sent.channel, key="later", template=sent.template).state == State.QUEUED


def test_who_declines_after_it_was_queued_gets_nothing(box, channel, send, cast):
    row = send(channel("email"))
    opt_out(person=cast.lin, kind="", how="staff", by=SYSTEM, at=NOW)
    send_due(at=NOW)
    row.refresh_from_db()
    assert (row.state, row.reason, box.got) == (State.SKIPPED, Why.OPTED_OUT, [])


def test_a_letter_without_an_address_is_skipped_with_the_reason(box, channel, send, cast):
    cast.lin.email = ""
    cast.lin.save()
    row = send(channel("email"))
    assert (row.state, row.reason) == (State.SKIPPED, Why.NO_ADDRESS)


@pytest.mark.parametrize(("step", "answer"), [("connect", "421 later"), ("rcpt", "450 busy"), ("end", "451 later"),
                                              ("data", "drop")])  # fmt: skip
def test_a_server_that_cannot_now_is_asked_again(box, channel, send, step, answer):
    box.answers[step] = [answer]
    row = send(channel("email"))
    send_due(at=NOW)
    row.refresh_from_db()
    assert row.state == State.QUEUED and row.attempts == 1 and row.error
    send_due(at=NOW + timedelta(minutes=1))
    row.refresh_from_db()
    assert row.state == State.SENT and len(box.got) == 1


def test_a_letter_that_is_refused_has_failed_and_says_why(box, channel, send, cast):
    box.answers["rcpt"] = ["550 no such user"]
    row = send(channel("email"))
    send_due(at=NOW)
    row.refresh_from_db()
    assert (row.state, row.reason) == (State.FAILED, Why.REFUSED) and "no such user" in row.error
    assert OutboxFact.objects.filter(name="message_failed", person_id=cast.lin.pk).exists()
    retry_message(message=row, by=SYSTEM, at=NOW)
    send_due(at=NOW)
    row.refresh_from_db()
    assert row.state == State.SENT


def test_a_line_that_breaks_after_the_last_byte_is_asked_about_and_not_sent_twice(box, channel, send):
    box.answers["end"] = ["drop"]
    row = send(channel("email"))
    send_due(at=NOW)
    send_due(at=NOW + timedelta(days=2))
    row.refresh_from_db()
    assert (row.state, row.reason, len(box.got)) == (State.HELD, Why.UNCLEAR, 1)


def test_without_a_mail_server_no_channel_is_made(channel, settings, home):
    settings.SMTP_HOST = ""
    with pytest.raises(ValidationError, match="BIHUAN_SMTP_HOST"):
        channel("email")


def test_opening_is_told_by_a_picture_only_when_that_is_wanted(box, channel, send):
    to = channel("email")
    first = send(to)
    send_due(at=NOW)
    assert "/r/o/" not in box.letters()[0].get_body(("html",)).get_content()
    change_limits(person_week=9, account_week=9, business_hours=True, count_opens=True, by=SYSTEM, at=NOW)
    second = send(to, key="second", template=first.template)
    send_due(at=NOW)
    picture = next(
        part for part in box.letters()[1].get_body(("html",)).get_content().split('"') if "/r/o/" in part
    )
    assert Client().get(path_of(picture))["content-type"] == "image/gif"
    second.refresh_from_db()
    assert second.opened_at and not second.clicked_at
    assert not note_reading(message=second, what="opened", at=NOW)


def test_outside_business_hours_it_waits_until_they_open(box, channel, send):
    evening = NOW + timedelta(hours=12)
    row = send(channel("email"), at=evening)
    send_due(at=evening)
    row.refresh_from_db()
    assert (row.state, row.reason, box.got) == (State.HELD, Why.OUTSIDE_HOURS, [])
    send_due(at=row.due_at)
    row.refresh_from_db()
    assert row.state == State.SENT and row.due_at > evening


def test_enough_is_enough_across_channels(box, channel, send, template):
    change_limits(person_week=2, account_week=0, business_hours=False, count_opens=False, by=SYSTEM, at=NOW)
    text = template()
    from bihuan.know.products.actions import add_product

    inside = channel("in_app", product=add_product(name="Web", by=SYSTEM, at=NOW))
    letters = channel("email")
    rows = [send(to, key=str(n), template=text) for n, to in enumerate((inside, letters, letters))]
    send_due(at=NOW)
    for row in rows:
        row.refresh_from_db()
    assert [row.state for row in rows] == [State.SENT, State.SENT, State.SKIPPED]
    assert rows[2].reason == Why.PERSON_LIMIT
    assert send(letters, key="next week", template=text, at=NOW + timedelta(days=8)).state == State.QUEUED
