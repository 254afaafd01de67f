"""Signing in: passwords with rules, lock-out, one-time links, sessions."""

from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone

from bihuan.base.access.actions import create_sign_in_link, use_sign_in_link
from bihuan.base.bus.models import OutboxFact
from bihuan.know.staff.actions import add_staff, change_staff

pytestmark = pytest.mark.django_db
GOOD = "云杉-correct-9-horse"


@pytest.fixture
def ling(cast):
    return add_staff(
        username="ling", name="Ling", roles=["manager"], reach="all", password=GOOD, by=SYSTEM, at=NOW
    )


def sign_in(client, password, name="ling", **extra):
    return client.post("/sign-in/", {"username": name, "password": password, **extra})


def test_the_right_password_opens_the_workbench_and_is_in_the_audit(ling, client):
    answer = sign_in(client, GOOD)
    assert (answer.status_code, answer["Location"]) == (302, "/")
    assert client.get("/").status_code == 200
    assert OutboxFact.objects.filter(name="signed_in", actor_id=ling.pk).count() == 1


def test_a_wrong_password_says_no_more_than_that_and_is_in_the_audit(ling, client):
    wrong, unknown = sign_in(client, "x"), sign_in(client, "x", name="nobody")
    assert wrong.status_code == unknown.status_code == 422
    for page in (wrong, unknown):
        assert "名" in page.content.decode() or "wrong" in page.content.decode()
    assert OutboxFact.objects.filter(name="sign_in_failed").count() == 2
    assert not OutboxFact.objects.filter(payload__username="nobody").exists()


def test_five_wrong_tries_lock_the_name_from_this_address(ling, client):
    for _ in range(5):
        answer = sign_in(client, "wrong")
    assert answer.status_code == 429
    assert sign_in(client, GOOD).status_code == 429
    assert sign_in(Client(REMOTE_ADDR="10.1.1.9"), GOOD).status_code == 302


@pytest.mark.parametrize("password", ["short", "1234567890123", "password123", "ling-ling-ling"])
def test_a_weak_password_is_refused_with_the_rule(cast, password):
    with pytest.raises(ValidationError) as refused:
        add_staff(
            username="ling-ling", name="Ling-ling", roles=["sales"], password=password, by=SYSTEM, at=NOW
        )
    assert "password" in refused.value.message_dict


def test_someone_who_may_not_sign_in_any_more_is_out_at_once(ling, client):
    sign_in(client, GOOD)
    change_staff(staff=ling, is_active=False, by=SYSTEM, at=NOW)
    assert client.get("/").status_code == 302
    assert sign_in(Client(), GOOD).status_code == 422


def test_a_link_signs_in_once(ling, client):
    path = f"/sign-in/{create_sign_in_link(staff=ling, by=SYSTEM, at=timezone.now())}/"
    assert client.get(path).status_code == 200
    assert client.post(path)["Location"] == "/"
    assert Client().post(path).status_code == 410


def test_the_audit_keeps_who_gave_a_one_time_sign_in(ling, cast):
    assert cast.client("root").post(f"/staff/{ling.pk}/link/").status_code == 200
    fact = OutboxFact.objects.get(name="sign_in_link_given")
    assert (fact.actor_id, fact.payload) == (cast.people["root"].pk, {"staff_id": ling.pk})


def test_a_link_ends_after_twelve_hours_and_an_unknown_one_never_worked(ling, client):
    secret = create_sign_in_link(staff=ling, by=SYSTEM, at=NOW)
    assert use_sign_in_link(secret=secret, at=NOW + timedelta(hours=12)) is None
    assert client.post("/sign-in/bh_guess/").status_code == 410


def test_a_foreign_next_address_is_not_followed(ling, client):
    assert sign_in(client, GOOD, next="https://evil.example/")["Location"] == "/"
    assert sign_in(client, GOOD, next="//evil.example/")["Location"] == "/"
    assert sign_in(client, GOOD, next="/tickets/?state=open")["Location"] == "/tickets/?state=open"


def test_changing_the_password_needs_the_old_one_and_ends_other_sessions(ling, client):
    other = Client()
    sign_in(client, GOOD)
    sign_in(other, GOOD)
    new = "另一个-Battery-7-staple"
    wrong = client.post(
        "/settings/password/", {"old_password": "x", "new_password1": new, "new_password2": new}
    )
    assert wrong.status_code == 422
    done = client.post(
        "/settings/password/", {"old_password": GOOD, "new_password1": new, "new_password2": new}
    )
    assert done.status_code == 302
    assert client.get("/").status_code == 200
    assert other.get("/").status_code == 302
    assert sign_in(Client(), new).status_code == 302


def test_signing_out_needs_a_post(ling, client):
    sign_in(client, GOOD)
    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert client.get("/").status_code == 302


def test_the_last_administrator_keeps_the_role(cast):
    with pytest.raises(ValidationError, match="administrator"):
        change_staff(staff=cast.root, roles=["sales"], by=SYSTEM, at=NOW)
    change_staff(staff=cast.mei, roles=["admin"], by=SYSTEM, at=NOW)
    assert change_staff(staff=cast.root, roles=["sales"], by=SYSTEM, at=NOW).roles == ["sales"]


def test_passwords_are_kept_as_argon2(ling):
    assert ling.password.startswith("argon2")
