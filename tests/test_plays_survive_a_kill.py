"""A worker that is killed (SIGKILL) while plays meet customers makes no run, step or message twice, and loses none."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.installation import Installation

BEGIN = """
import django
django.setup()
from datetime import timedelta
from django.utils import timezone
from bihuan.act.plays import actions
from bihuan.act.plays.models import Play, PlayRun, RunStep
from bihuan.base.access import system_actor
from bihuan.know.accounts.models import Account
by, at = system_actor("test"), timezone.now()
"""
PREPARE = """
from bihuan.act.reach.actions import add_channel, change_limits
from bihuan.know.accounts.actions import add_account, add_person
from bihuan.know.products.actions import add_product
change_limits(person_week=0, account_week=0, business_hours=False, count_opens=False, by=by, at=at)
add_channel(kind="in_app", name="x", product=add_product(name="Demo", by=by, at=at), by=by, at=at)
for n in range(30):
    account = add_account(key=f"a{n}", name=f"A{n}", stage="value", by=by, at=at)
    add_person(account=account, starts_on=at.date(), key=f"p{n}", name=f"P{n}", by=by, at=at)
row = actions.add_play(
    key="greet", name="Greet", mode="automatic", hold_out=20, goal={"event": "e"}, by=by, at=at,
    trigger={"kind": "segment", "segment": "account.stage == 'value'"},
    steps=[{"kind": "message", "title": "Hello", "text": "x", "channel": "in_app", "to": "everybody"}, {"kind": "task", "title": "Call"}])
actions.switch_play(play=row, on=True, by=by, at=at)
"""
WORK = """
print("begun", flush=True)
actions.look_for_plays(by=by, at=at)
actions.carry_due(at=at + timedelta(minutes=1))
"""
COUNT = """
from collections import Counter
from bihuan.act.reach.models import Message
from bihuan.act.work.models import Instance
from bihuan.base.bus.models import OutboxFact
arms = Counter(PlayRun.objects.values_list("arm", flat=True))
print(PlayRun.objects.count() == 30, arms["treated"] == Message.objects.count() == Instance.objects.count(),
      OutboxFact.objects.filter(name="play_step_done").count() == 2 * arms["treated"],
      OutboxFact.objects.filter(name="play_held_out").count() == arms["held"] > 0,
      RunStep.objects.filter(done_at=None).count(), set(RunStep.objects.values_list("problem", flat=True)))
"""


def program(one: Installation, text: str) -> subprocess.Popen[str]:
    environment = {**os.environ, **one.environment, "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", BEGIN + text], env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
        text=True,
    )  # fmt: skip


def run(one: Installation, text: str) -> str:
    process = program(one, text)
    out, trouble = process.communicate(timeout=120)
    assert process.returncode == 0, trouble
    return out.strip()


def test_nothing_happens_twice_and_nothing_is_lost_however_often_the_worker_is_killed(tmp_path: Path) -> None:
    one, dice = Installation(tmp_path / "home"), random.Random(5)
    one.out("migrate")
    run(one, PREPARE)
    killed = 0
    for _turn in range(6):
        process = program(one, WORK)
        assert process.stdout is not None and process.stdout.readline() == "begun\n"
        time.sleep(0.2 + dice.random())
        if process.poll() is None:
            process.send_signal(signal.SIGKILL)
            killed += 1
        process.wait(30)
        process.stdout.close()
    assert killed >= 2
    run(one, WORK)
    assert run(one, COUNT) == "True True True True 0 {''}"
