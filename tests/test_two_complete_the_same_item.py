"""Two people complete the same work item in the same moment, on a server: one wins, the other is told, the step is done once."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import httpx
import pytest

from tests.installation import Installation

ITEMS = 12
SET_UP = """
import json, sys
import django
django.setup()
from django.utils import timezone
from drawings import END, START, chain, drawn, field, user
from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.work.actions import start_process
from bihuan.base.access import permissions, system_actor
from bihuan.base.access.actions import create_token
from bihuan.know.staff.actions import add_staff
by, at = system_actor("test"), timezone.now()
tokens = []
for name in ("mei", "oli"):
    row = add_staff(username=name, name=name.title(), roles=["manager"], reach="all", by=by, at=at, language="en")
    scopes = sorted(one for one in permissions() if row.actor().may(one))
    tokens.append(create_token(staff=row, name="x", scopes=scopes, by=row.actor(), at=at)[1])
xml = drawn("two", START, user("one", fields=field("who", "text")), user("next"), END, chain("start", "one", "next", "end"))
process = create_process(key="two", kind="process", name="Two", xml=xml, by=by, at=at)
publish_draft(process=process, by=by, at=at)
items = [start_process(process=process, by=by, at=at).items.get().pk for _ in range(int(sys.argv[1]))]
print(json.dumps({"tokens": tokens, "items": items}))
"""
COUNT = """
import json
import django
django.setup()
from bihuan.act.work.models import WorkItem
from bihuan.base.bus.models import OutboxFact
print(json.dumps({"facts": OutboxFact.objects.filter(name="step_done").count(),
                  "next": WorkItem.objects.filter(element="next").count()}))
"""


def say(own: Installation, script: str, *more: str) -> dict:
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", script, *more], env={**own.environment, "DJANGO_SETTINGS_MODULE": "bihuan.config.settings",
        "PYTHONPATH": "tests"}, capture_output=True, text=True, timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout.splitlines()[-1])


@pytest.fixture
def server(tmp_path):
    own = Installation(tmp_path / "home", ready=True)
    yield own
    own.stop()


def test_one_wins_and_the_other_is_told(server):
    known = say(server, SET_UP, str(ITEMS))
    server.start()
    clients = [
        httpx.Client(base_url=server.url, timeout=60, headers={"Authorization": f"Bearer {token}"}) for token in known["tokens"]
    ]  # fmt: skip
    together = Barrier(2, timeout=60)

    def complete(client: httpx.Client, who: str, item: int) -> httpx.Response:
        together.wait()
        return client.post(f"/api/v1/work-items/{item}/complete", json={"values": {"who": who}})

    with ThreadPoolExecutor(2) as both:
        for item in known["items"]:
            answers = list(both.map(complete, clients, ("mei", "oli"), (item, item)))
            won, told = sorted(answers, key=lambda one: one.status_code)
            assert (won.status_code, told.status_code) == (200, 422), (won.text, told.text)
            assert "has done this already" in told.json()["detail"]
    assert say(server, COUNT) == {"facts": ITEMS, "next": ITEMS}
