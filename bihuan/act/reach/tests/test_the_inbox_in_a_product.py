"""The inbox in a customer's product: who is proved reads their own messages, and nobody reads anything else."""

import base64
import hashlib
import hmac
import json
from pathlib import Path

import pytest
from cast import NOW, SYSTEM
from django.test import Client
from django.utils import timezone

from bihuan.act.reach.actions import change_channel_secret, send_due
from bihuan.act.reach.models import State
from bihuan.act.reach.pages import public
from bihuan.act.reach.queries.inbox import secret_of
from bihuan.act.reach.rules.identity import signature
from bihuan.act.reach.rules.pace import Pace
from bihuan.base.bus.models import OutboxFact
from bihuan.base.ui import assets
from bihuan.know.products.actions import add_product

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def paces(monkeypatch):
    """Each test begins its minute."""
    monkeypatch.setattr(public, "OF_A_READER", Pace(most=60))
    monkeypatch.setattr(public, "OF_AN_ADDRESS", Pace(most=1_200))


@pytest.fixture
def inside(channel):
    return channel("in_app", product=add_product(name="Web", by=SYSTEM, at=NOW))


@pytest.fixture
def row(inside, send):
    now = timezone.now()
    made = send(inside, at=now)
    send_due(at=now)
    made.refresh_from_db()
    assert made.state == State.SENT
    return made


def ask(channel, path="inbox", who="lin", **more):
    said = {
        "channel": channel.public_id,
        "id": who,
        "signature": signature(secret=secret_of(channel), distinct_id=who),
    }
    return Client(enforce_csrf_checks=True).post(
        f"/r/{path}", json.dumps(said | more), content_type="text/plain"
    )


def jwt(secret, claims, alg="HS256"):
    def part(value):
        return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()

    head = f"{part({'alg': alg, 'typ': 'JWT'})}.{part(claims)}"
    signed = hmac.new(f"jwt:{secret}".encode(), head.encode(), hashlib.sha256).digest()
    return f"{head}.{base64.urlsafe_b64encode(signed).rstrip(b'=').decode()}"


def test_who_is_proved_reads_their_messages_from_any_origin(row, inside):
    answer = ask(inside)
    found = answer.json()
    assert answer["access-control-allow-origin"] == "*" and "access-control-allow-credentials" not in answer
    assert found["unread"] == 1 and found["messages"][0]["subject"] == "林云，合同快到期了"
    assert ask(inside, who="he").json() == {"messages": [], "unread": 0}


@pytest.mark.parametrize("change", [{"signature": ""}, {"signature": "0" * 64}, {"id": "he"}, {"id": ""}, {"token": "a.b.c"},
                                    {"id": "nobody-knows"}])  # fmt: skip
def test_without_a_proof_nothing_is_read_or_written(row, inside, change):
    assert ask(inside, **change).status_code == 403
    assert ask(inside, "seen", message=row.uid.hex, what="opened", **change).status_code == 403
    row.refresh_from_db()
    assert row.opened_at is None


@pytest.mark.parametrize(
    "body", ["", "[]", "{", "1", '{"channel": 1}', "x" * 9000, '{"channel": "\\u0000"}', "[" * 5000]
)
def test_a_body_that_is_none_is_refused(row, body):
    assert Client().post("/r/inbox", body, content_type="text/plain").status_code in (400, 404)


def test_a_jwt_proves_for_a_while(row, inside):
    now, secret = int(timezone.now().timestamp()), secret_of(inside)

    def asked(claims, key=secret, alg="HS256"):
        return ask(inside, signature="", token=jwt(key, claims, alg)).status_code

    assert asked({"sub": "lin", "exp": now + 600}) == 200
    for claims in ({"sub": "lin"}, {"sub": "lin", "exp": now - 1}, {"sub": "lin", "exp": now + 10**7},
                   {"exp": now + 600}, {"sub": 7, "exp": now + 600}, {"sub": "lin", "exp": now + 600, "nbf": now + 300}):  # fmt: skip
        assert asked(claims) == 403, claims
    assert asked({"sub": "lin", "exp": now + 600}, key="another") == 403
    assert asked({"sub": "lin", "exp": now + 600}, alg="none") == 403


def test_the_signature_of_an_id_that_looks_like_a_jwt_is_none(row, inside):
    secret = secret_of(inside)
    chosen = jwt(secret, {"sub": "lin", "exp": int(timezone.now().timestamp()) + 600}).rpartition(".")[0]
    signed = (
        base64.urlsafe_b64encode(bytes.fromhex(signature(secret=secret, distinct_id=chosen)))
        .rstrip(b"=")
        .decode()
    )
    assert ask(inside, who=chosen, signature="", token=f"{chosen}.{signed}").status_code == 403


def test_opening_and_following_are_facts_of_person_and_account(row, inside, cast):
    for what in ("opened", "clicked", "clicked", "closed"):
        assert ask(inside, "seen", message=row.uid.hex, what=what).status_code == 204
    facts = OutboxFact.objects.filter(name__in=["message_opened", "message_clicked"]).order_by("pk")
    assert [(f.name, f.person_id, f.account_id) for f in facts] == [
        ("message_opened", cast.lin.pk, cast.yunshan.pk), ("message_clicked", cast.lin.pk, cast.yunshan.pk)
    ]  # fmt: skip
    found = ask(inside).json()["messages"][0]
    assert found["opened"] and found["closed"]
    assert ask(inside, "seen", who="he", message=row.uid.hex, what="opened").status_code == 404
    assert ask(inside, "seen", message=row.uid.hex, what="burnt").status_code == 400


def test_a_new_secret_ends_what_was_signed_with_the_old_one(row, inside):
    old = signature(secret=secret_of(inside), distinct_id="lin")
    change_channel_secret(channel=inside, by=SYSTEM, at=NOW)
    assert ask(inside, signature=old).status_code == 403
    inside.refresh_from_db()
    assert ask(inside).status_code == 200


def test_the_browsers_question_beforehand_is_answered(inside):
    answer = Client().options("/r/inbox")
    assert answer.status_code == 204 and "POST" in answer["access-control-allow-methods"]


def test_the_script_is_small_and_holds_to_a_strict_policy():
    path = Path(assets.__file__).parent / "static" / "dist" / "reach.js"
    text = path.read_text(encoding="utf-8")
    assert path.stat().st_size <= 10_000
    assert not [
        word
        for word in ("eval(", "new Function", "innerHTML", "insertAdjacentHTML", ".style.", "<style")
        if word in text
    ]
    answer = Client().get("/r/reach.js")
    assert answer.status_code == 200 and answer["cross-origin-resource-policy"] == "cross-origin"


def test_who_reads_too_often_waits_and_their_click_is_kept_all_the_same(row, inside, monkeypatch):
    monkeypatch.setattr(public, "OF_A_READER", Pace(most=2))
    monkeypatch.setattr(public.time, "monotonic", lambda: 600.0)
    answers = [ask(inside) for _again in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]
    assert answers[-1]["retry-after"] == "60" and answers[-1]["access-control-allow-origin"] == "*"
    assert ask(inside, who="he").status_code == 200, "somebody else has a pace of their own"
    assert ask(inside, "seen", message=row.uid.hex, what="clicked").status_code == 204
    row.refresh_from_db()
    assert row.clicked_at is not None
    monkeypatch.setattr(public.time, "monotonic", lambda: 661.0)
    assert ask(inside).status_code == 200
