"""Viewers are told what changed in their territory, by one task for all; nobody else is told anything."""

import asyncio
import json

import pytest
from django.conf import settings

from bihuan.capture.presence.api import live
from bihuan.capture.presence.rules import Online
from tests.cast import NOW


class Viewer:
    """One stream: what it was sent, and a switch to go away."""

    def __init__(self, client=None, method="GET"):
        cookie = client.cookies[settings.SESSION_COOKIE_NAME].value if client else "x"
        self.scope = {"type": "http", "method": method, "path": "/live/presence",
                      "headers": [(b"cookie", f"{settings.SESSION_COOKIE_NAME}={cookie}".encode())]}  # fmt: skip
        self.sent, self.left = [], asyncio.Event()

    async def receive(self):
        await self.left.wait()
        return {"type": "http.disconnect"}

    async def send(self, message):
        self.sent.append(message)

    @property
    def status(self):
        return self.sent[0]["status"]

    @property
    def told(self):
        text = b"".join(message.get("body", b"") for message in self.sent[1:]).decode()
        return [json.loads(line[6:]) for line in text.splitlines() if line.startswith("data: ")]

    def open(self):
        return asyncio.ensure_future(live.live_app(self.scope, self.receive, self.send))


@pytest.fixture
def house(monkeypatch):
    """A hub of its own that asks every few milliseconds, and people who come and go."""
    people: list[Online] = []
    actors: dict[str, object] = {}
    monkeypatch.setattr(live, "hub", live.Hub())
    monkeypatch.setattr(live, "TICK_SECONDS", 0.01)
    monkeypatch.setattr(live, "HEARTBEAT_SECONDS", 0.05)
    monkeypatch.setattr(
        live,
        "online_for",
        lambda *, actor, at: [one for one in people if actor.reach == "all" or one.account_id == 1],
    )
    monkeypatch.setattr(live, "_who", lambda cookies: actors.get(cookies.partition("=")[2]))
    return people, actors


async def until(holds):
    """Waits for it as long as a busy machine may take; what never comes is told by the asserts after it."""
    for _turn in range(500):
        if holds():
            return
        await asyncio.sleep(0.02)


def person(number, account):
    return Online(person_id=number, account_id=account, product_id=None, version="", last_at=NOW)


def test_each_viewer_is_told_of_the_own_territory_when_it_changes_and_only_then(cast, house):
    people, actors = house
    actors |= {"mei": cast.mei.actor(), "song": cast.song.actor()}

    async def story():
        viewers = [Viewer() for _n in range(200)]
        for number, viewer in enumerate(viewers):
            name = "mei" if number % 2 else "song"
            viewer.scope["headers"] = [(b"cookie", f"sessionid={name}".encode())]
        tasks = [viewer.open() for viewer in viewers]
        await until(lambda: all(len(viewer.told) == 1 for viewer in viewers))
        assert live.hub.viewers == 200 and len(live.hub._rooms) == 2
        people.extend([person(1, 1), person(2, 2)])
        await until(lambda: all(len(viewer.told) == 2 for viewer in viewers))
        await asyncio.sleep(0.1)  # ten turns in which nothing changes
        for viewer in viewers:
            viewer.left.set()
        await asyncio.gather(*tasks)
        assert live.hub.viewers == 0 and live.hub._rooms == {}
        return viewers

    viewers = asyncio.run(story())
    assert all(viewer.status == 200 for viewer in viewers)
    assert {json.dumps(viewer.told) for viewer in viewers[1::2]} == {
        json.dumps([{"people": 0, "accounts": 0}, {"people": 2, "accounts": 2}])
    }
    assert {json.dumps(viewer.told) for viewer in viewers[0::2]} == {
        json.dumps([{"people": 0, "accounts": 0}, {"people": 1, "accounts": 1}])
    }


def test_a_stop_of_the_server_ends_every_stream_and_a_new_one_is_refused(cast, house):
    _people, actors = house
    actors["mei"] = cast.mei.actor()

    async def story():
        first, second = Viewer(), Viewer()
        for viewer in (first, second):
            viewer.scope["headers"] = [(b"cookie", b"sessionid=mei")]
        task = first.open()
        await asyncio.sleep(0.1)
        live.hub.stop()
        await asyncio.wait_for(task, 1)
        await second.open()
        return first, second

    first, second = asyncio.run(story())
    assert first.sent[-1]["more_body"] is False
    assert second.status == 503


def test_a_failure_of_one_turn_leaves_nobody_without_news(cast, house, monkeypatch):
    people, actors = house
    actors["mei"] = cast.mei.actor()
    asked = live.online_for
    turns = iter(range(100))

    def sometimes(**question):
        if next(turns) == 1:
            raise RuntimeError("the database went away")
        return asked(**question)

    monkeypatch.setattr(live, "online_for", sometimes)

    async def story():
        viewer = Viewer()
        viewer.scope["headers"] = [(b"cookie", b"sessionid=mei")]
        task = viewer.open()
        await asyncio.sleep(0.1)
        people.append(person(1, 1))
        await asyncio.sleep(0.2)
        viewer.left.set()
        await task
        return viewer

    assert asyncio.run(story()).told[-1] == {"people": 1, "accounts": 1}


def test_a_stream_ends_by_itself_so_that_the_browser_is_asked_anew(cast, house, monkeypatch):
    _people, actors = house
    actors["mei"] = cast.mei.actor()
    monkeypatch.setattr(live, "STREAM_SECONDS", 0.1)

    async def story():
        viewer = Viewer()
        viewer.scope["headers"] = [(b"cookie", b"sessionid=mei")]
        await asyncio.wait_for(viewer.open(), 2)
        return viewer

    assert asyncio.run(story()).sent[-1]["more_body"] is False


def test_strangers_partners_and_writes_are_refused(cast, monkeypatch):
    monkeypatch.setattr(live, "hub", live.Hub())
    found = {
        "stranger": Viewer(),
        "partner": Viewer(cast.client("pan")),
        "write": Viewer(cast.client("mei"), method="POST"),
        "gone": Viewer(cast.client("oli")),
    }
    cast.oli.is_active = False
    cast.oli.save()

    async def story():
        for viewer in found.values():
            await viewer.open()

    whom = {viewer: live._who(viewer.scope["headers"][0][1].decode()) for viewer in found.values()}

    async def known(cookies):  # the asker is a thread; a database in memory belongs to this one
        return next(whom[v] for v in found.values() if v.scope["headers"][0][1].decode() == cookies)

    monkeypatch.setattr(live.hub, "who", known)
    asyncio.run(story())
    assert {name: viewer.status for name, viewer in found.items()} == {
        "stranger": 401, "partner": 403, "write": 405, "gone": 401,
    }  # fmt: skip
    assert live._who("sessionid=\x00; broken") is None
