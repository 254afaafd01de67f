"""API tokens: shown once, scoped, expiring, revocable."""

from datetime import timedelta

import pytest
from cast import NOW
from django.core.exceptions import ValidationError
from django.test import Client
from django.utils import timezone
from django.utils.translation import override

from bihuan.base.access.actions import create_token, revoke_token
from bihuan.base.access.models import ApiToken
from bihuan.base.access.policy import permissions
from bihuan.base.access.titles import ROOMS, TITLES, VERBS, permission_title
from bihuan.base.bus.models import OutboxFact

pytestmark = pytest.mark.django_db


def make(staff, scopes=("accounts.view",), **more):
    return create_token(
        staff=staff, name="night export", scopes=list(scopes), by=staff.actor(), at=timezone.now(), **more
    )


def ask(secret):
    return Client(headers={"Authorization": f"Bearer {secret}"}).get("/api/v1/accounts")


def test_a_token_opens_what_its_scopes_name_and_its_secret_is_not_kept(cast):
    token, secret = make(cast.mei)
    assert ask(secret).status_code == 200
    assert secret not in str(ApiToken.objects.values().get())
    token.refresh_from_db()
    assert token.last_used_at is not None


def test_a_revoked_expired_or_unknown_token_is_refused_with_the_remedy(cast):
    token, secret = make(cast.mei)
    _expired, old = make(cast.mei, expires_at=timezone.now() - timedelta(seconds=1))
    revoke_token(token=token, by=cast.actor("mei"), at=NOW)
    revoke_token(token=token, by=cast.actor("mei"), at=NOW)
    for value in (secret, old, "bh_guess"):
        answer = ask(value)
        assert answer.status_code == 401
        assert "Settings" in answer.json()["detail"]
    assert OutboxFact.objects.filter(name="api_token_revoked").count() == 1


def test_scopes_beyond_the_own_roles_are_refused(cast):
    with pytest.raises(ValidationError, match="staff.edit"):
        make(cast.song, scopes=["staff.edit"])
    with pytest.raises(ValidationError, match="nonsense"):
        make(cast.song, scopes=["nonsense"])
    with pytest.raises(ValidationError):
        make(cast.song, scopes=[])


def test_a_role_that_is_lost_is_lost_for_its_tokens_too(cast):
    _token, secret = make(cast.mei, scopes=["audit.view", "accounts.view"])
    client = Client(headers={"Authorization": f"Bearer {secret}"})
    assert client.get("/api/v1/audit").status_code == 200
    cast.mei.roles = ["sales"]
    cast.mei.save()
    assert (client.get("/api/v1/audit").status_code, ask(secret).status_code) == (403, 200)


def test_who_may_no_longer_sign_in_has_no_tokens_either(cast):
    _token, secret = make(cast.mei)
    cast.mei.is_active = False
    cast.mei.save()
    assert ask(secret).status_code == 401


def test_the_page_shows_the_secret_once_and_revokes(cast):
    client = cast.client("mei")
    page = client.post(
        "/settings/tokens/", {"name": "BI", "scopes": ["accounts.view"], "days": "30"}
    ).content.decode()
    secret = page.split('value="bh_')[1].split('"')[0]
    assert ask(f"bh_{secret}").status_code == 200
    assert secret not in client.get("/settings/tokens/").content.decode()
    token = ApiToken.objects.get()
    assert cast.client("song").post(f"/settings/tokens/{token.pk}/revoke/").status_code == 404
    client.post(f"/settings/tokens/{token.pk}/revoke/")
    assert ask(f"bh_{secret}").status_code == 401


def test_a_token_without_a_scope_comes_back_with_what_was_typed(cast):
    page = cast.client("mei").post("/settings/tokens/", {"name": "夜间导出", "days": "30"})
    assert page.status_code == 422
    assert "夜间导出" in page.content.decode()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_permission_has_a_title_in_a_room_with_one(cast, language):
    with override(language):
        for permission in permissions():
            room, deed = permission.split(".")
            assert room in ROOMS, f"{permission}: give its room a title in access/titles.py"
            assert permission in TITLES or deed in VERBS, f"{permission}: give it a title in access/titles.py"
            assert "_" not in permission_title(permission)
            assert (language == "en") == permission_title(permission).replace("’", "'").isascii(), permission


def test_a_token_is_made_from_titles_with_the_code_small(cast):
    client = cast.client("mei")
    text = client.get("/settings/tokens/").content.decode()
    assert "Do work items <code>work.do</code>" in text and text.index("Customers") < text.index("Tickets")
    client.post("/settings/tokens/", {"name": "x", "days": "30", "scopes": ["work.do", "tickets.view"]})
    made = ApiToken.objects.get(name="x")
    assert sorted(made.scopes) == ["tickets.view", "work.do"]
    assert '<span title="work.do">Do work items</span>' in client.get("/settings/tokens/").content.decode()
