"""A person who declined and was erased comes back with an import: the address stays silent until they want letters again."""

import pytest
from cast import NOW, SYSTEM, TODAY

from bihuan.act.reach.actions import opt_in, opt_out
from bihuan.act.reach.models import Limits, Message, Silence, Why
from bihuan.act.reach.personal import erase
from bihuan.act.reach.queries.consent import declined_among
from bihuan.base.access import Reach, Role
from bihuan.know.accounts.actions import add_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def back(cast, settings):
    """Lin Yun declined letters, was erased, and comes back with the same address, written another way."""
    settings.SMTP_HOST, settings.SMTP_FROM, settings.PUBLIC_URL = (
        "127.0.0.1",
        "us@bihuan.example",
        "https://bihuan.example",
    )
    opt_out(person=cast.lin, kind="email", how="link", by=SYSTEM, at=NOW)
    erase(cast.lin.pk)
    return add_person(account=cast.yunshan, starts_on=TODAY, key="lin-2", name="林云", email="Lin@Yunshan.example", by=SYSTEM,
                      at=NOW)  # fmt: skip


def test_the_address_is_not_written_to_and_cannot_be_read_back(cast, back, channel, send):
    assert send(channel("email"), person=back).reason == Why.OPTED_OUT
    assert declined_among([back.pk, cast.he.pk], kind="email") == {back.pk}
    assert declined_among([back.pk], kind="in_app") == set()
    kept = Silence.objects.get()
    assert "lin" not in kept.address and len(kept.address) == 64


def test_whoever_wants_letters_again_gets_them(cast, back):
    row = opt_out(person=back, kind="email", how="staff", by=SYSTEM, at=NOW)
    opt_in(row=row, by=SYSTEM, at=NOW)
    assert declined_among([back.pk], kind="email") == set() and not Silence.objects.exists()


def test_erasing_somebody_who_declined_nothing_leaves_nothing(cast):
    erase(cast.lin.pk)
    assert not Silence.objects.exists() and not Message.objects.exists()


def test_limits_for_everybody_are_changed_by_who_sees_everybody(cast):
    from bihuan.know.staff.actions import add_staff

    cast.people["part"] = add_staff(username="part", name="Part", roles=[Role.MANAGER], reach=Reach.OWN, team=None, regions=[], language="en", by=SYSTEM,
              at=NOW)  # fmt: skip
    limits = {"person_week": 9, "account_week": 9, "business_hours": True, "count_opens": False}
    assert cast.client("part").get("/reach/limits/").status_code == 403
    assert cast.client("part").post("/reach/limits/", limits).status_code == 403
    assert (
        cast.rest("part")
        .put("/api/v1/reach/limits", data=limits, content_type="application/json")
        .status_code
        == 403
    )
    assert not Limits.objects.exists()
    assert (
        cast.rest("mei").put("/api/v1/reach/limits", data=limits, content_type="application/json").status_code
        == 200
    )
