"""The cast: the same people, customers and amounts in every test, so that a test reads as a story.

北方 (north) and 南方 (south) are two regions. Mei manages everything, Song sells in the south, Bei sells in
the north, Qin serves the south team, An analyses, Pan is a partner with one customer, Root administers.
Yunshan 云杉 is a southern customer, Songtao 松涛 a northern one.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from django.test import Client

from bihuan.base.access.actor import Actor, Reach, system_actor
from bihuan.base.access.policy import Role, permissions

NOW = datetime(2026, 11, 18, 2, 30, tzinfo=UTC)
TODAY = date(2026, 11, 18)
SYSTEM = system_actor("test")


@dataclass
class Cast:
    """Everyone by name; `actor("song")` and `client("song")` act as them."""

    people: dict
    accounts: dict
    persons: dict

    def __getattr__(self, name):
        for group in (self.people, self.accounts, self.persons):
            if name in group:
                return group[name]
        raise AttributeError(name)

    def actor(self, name: str) -> Actor:
        return self.people[name].actor()

    def client(self, name: str) -> Client:
        client = Client()
        client.force_login(self.people[name], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def rest(self, name: str) -> Client:
        """A program that acts as this person, with a token that may do whatever they may."""
        actor = self.actor(name)
        scopes = sorted(scope for scope in permissions() if actor.may(scope))
        from bihuan.base.access.actions import create_token

        _row, secret = create_token(staff=self.people[name], name="test", scopes=scopes, by=actor, at=NOW)
        return Client(headers={"Authorization": f"Bearer {secret}"})


STAFF = {
    "root": ([Role.ADMIN], Reach.ALL, None),
    "mei": ([Role.MANAGER], Reach.ALL, None),
    "oli": ([Role.OPERATOR], Reach.ALL, None),
    "song": ([Role.SALES], Reach.REGION, "south"),
    "bei": ([Role.SALES], Reach.REGION, "north"),
    "qin": ([Role.SERVICE], Reach.TEAM, None),
    "mark": ([Role.MARKETER], Reach.ALL, None),
    "an": ([Role.ANALYST], Reach.ALL, None),
    "pan": ([Role.PARTNER], Reach.OWN, None),
}


@pytest.fixture
def cast(db) -> Cast:
    from bihuan.act.mining.queries.study import forget as forget_mining
    from bihuan.act.processes.queries import forget as forget_processes
    from bihuan.base.calendars.queries import forget as forget_calendars
    from bihuan.know.accounts import actions
    from bihuan.know.staff.actions import add_staff
    from bihuan.know.staff.models import Region, Team

    for forget in (forget_calendars, forget_processes, forget_mining):
        forget()
    regions = {code: Region.objects.create(code=code, name=code) for code in ("north", "south")}
    team = Team.objects.create(code="ka", name="KA")
    people = {}
    for name, (roles, reach, region) in STAFF.items():
        people[name] = add_staff(
            username=name, name=name.title(), roles=roles, reach=reach, team=team if name in ("qin", "song") else None,
            regions=[regions[region]] if region else [], language="en", by=SYSTEM, at=NOW,
        )  # fmt: skip
    yunshan = actions.add_account(
        key="yunshan", name="云杉仪器", industry="制造", region=regions["south"], tier="S", stage="value", size=1200,
        signed_up_on=date(2024, 3, 1), by=SYSTEM, at=NOW,
    )  # fmt: skip
    songtao = actions.add_account(
        key="songtao", name="松涛软件", industry="软件", region=regions["north"], tier="B", stage="adoption", size=80,
        signed_up_on=date(2025, 6, 1), by=SYSTEM, at=NOW,
    )  # fmt: skip
    actions.change_team(
        account=yunshan, members=[(people["song"], "sales", True), (people["pan"], "operations", False)], by=SYSTEM, at=NOW
    )  # fmt: skip
    actions.change_team(account=songtao, members=[(people["bei"], "sales", True)], by=SYSTEM, at=NOW)
    lin = actions.add_person(
        account=yunshan, starts_on=date(2024, 3, 1), key="lin", name="林云", email="lin@yunshan.example", by=SYSTEM, at=NOW
    )  # fmt: skip
    he = actions.add_person(
        account=songtao, starts_on=date(2025, 6, 1), key="he", name="何松", email="he@songtao.example", by=SYSTEM, at=NOW
    )  # fmt: skip
    return Cast(
        people=people, accounts={"yunshan": yunshan, "songtao": songtao}, persons={"lin": lin, "he": he}
    )


def undo_from(client: Client, page: str) -> None:
    """Press the undo of the toast that a page shows."""
    token = re.search(r'undo:?[="]*([\w.:-]{20,})', page)
    assert token, "the page offers no undo"
    answer = client.post("/undo/", {"token": token[1]}, headers={"HX-Request": "true"})
    assert answer.status_code == 204


@pytest.fixture
def contracts(cast):
    """Yunshan pays 40,000 a month until 2027-01-09; Songtao 5,000 a month, open-ended, and tries a second plan."""
    from bihuan.earn.contracts.actions import add_contract

    return {
        "yunshan": add_contract(
            account=cast.yunshan, key="C-1", name="主合同", starts_on=date(2025, 1, 10), ends_on=date(2027, 1, 9),
            lines=[{"name": "Pro", "seats": 100, "mrr": Decimal("40000")}], by=SYSTEM, at=NOW,
        ),
        "songtao": add_contract(
            account=cast.songtao, key="C-2", starts_on=date(2025, 6, 1), billing="monthly",
            lines=[{"name": "Basic", "seats": 10, "mrr": Decimal("5000")},
                   {"name": "Pro", "seats": 5, "mrr": Decimal("900"), "trial": True}], by=SYSTEM, at=NOW,
        ),
    }  # fmt: skip


@pytest.fixture
def event_home(settings, tmp_path) -> Iterator[Path]:
    """An event store of its own, closed at the end of the test."""
    from bihuan.capture.store import close_store

    close_store()
    settings.BIHUAN_HOME = tmp_path
    yield tmp_path
    close_store()
