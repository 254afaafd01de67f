"""A server that is killed (SIGKILL) while it sends messages neither loses nor doubles one, wherever the kill strikes."""

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from bihuan.act.reach.tests.mail_server import MailBox, mail_server
from bihuan.base.webhooks.tests.receivers import receiver
from tests.installation import Installation

BEGIN = """
import django
django.setup()
from django.conf import settings
from django.utils import timezone
from bihuan.act.reach import actions
from bihuan.base.access import system_actor
from bihuan.know.accounts.actions import add_account, add_person
by, at = system_actor("test"), timezone.now()
"""
QUEUE = (
    BEGIN
    + """
actions.change_limits(person_week=0, account_week=0, business_hours=False, count_opens=False, by=by, at=at)
account = add_account(key="yunshan", name="云杉", stage="value", by=by, at=at)
text = actions.save_template(values={"name": "x", "kinds": ["email", "wecom"], "subject_zh": "{{ data.n }}", "body_zh": "x"},
                             by=by, at=at)
token = {"token": "0123456789abcdef"} if KIND == "wecom" else {}
channel = actions.add_channel(kind=KIND, name="x", by=by, at=at, **token)
for n in range(NUMBER):
    person = add_person(account=account, starts_on=at.date(), key=f"p{n}", name=f"P{n}", email=f"p{n}@example.com", by=by, at=at)
    actions.send_message(key=str(n), channel=channel, template=text, account=account, person=person, by=by, at=at, data={"n": n})
"""
)
#: What the worker does, again and again, and a new one once the leases of the one that was killed have ended.
SEND = (
    BEGIN
    + """
from bihuan.act.reach.actions.claiming import LEASE
from bihuan.act.reach.models import Channel, Message
if AFTERWARDS:
    Message.objects.filter(state="sending").update(due_at=at)
    Channel.objects.update(busy_until=None)
actions.send_due(at=at)
print(sorted({f"{row.state} {row.reason}".strip() for row in Message.objects.all()}))
"""
)


def program(one: Installation, text: str, **values: object) -> subprocess.Popen[str]:
    environment = {**one.environment, "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
    said = "\n".join(f"{name} = {value!r}" for name, value in values.items()) + text
    return subprocess.Popen(
        [sys.executable, "-W", "ignore", "-c", said], env={**os.environ, **environment}, stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def run(one: Installation, text: str, **values: object) -> str:
    process = program(one, text, **values)
    out, trouble = process.communicate(timeout=120)
    assert process.returncode == 0, trouble
    return out.strip()


def kill(process: subprocess.Popen[str]) -> None:
    process.send_signal(signal.SIGKILL)
    process.wait(30)


def wait_for(condition, what: str) -> None:
    until = time.monotonic() + 60
    while not condition():
        assert time.monotonic() < until, what
        time.sleep(0.002)


def installation(home: Path, box: MailBox) -> Installation:
    one = Installation(
        home, BIHUAN_SMTP_HOST="127.0.0.1", BIHUAN_SMTP_PORT=str(box.port), BIHUAN_SMTP_TLS="none",
        BIHUAN_SMTP_FROM="hello@bihuan.example", BIHUAN_PUBLIC_URL="https://bihuan.example",
    )  # fmt: skip
    one.out("migrate")
    return one


def test_a_letter_is_sent_once_whatever_the_server_was_asked_when_we_died(tmp_path: Path) -> None:
    with mail_server() as box:
        one = installation(tmp_path / "home", box)
        run(one, QUEUE, KIND="email", NUMBER=4)
        for step in ("connect", "rcpt", "data", "end"):
            box.asked.clear()
            box.answers[step] = ["hang"]
            process = program(one, SEND, AFTERWARDS=True)
            wait_for(box.asked.is_set, f"nothing is asked: {step}")
            kill(process)
        assert run(one, SEND, AFTERWARDS=True) == "['sent']"
        assert sorted(Counter(letter["Message-ID"] for letter in box.letters()).values()) == [1, 1, 1, 1]


def test_many_letters_arrive_once_each_through_many_kills(tmp_path: Path) -> None:
    number, dice = 40, random.Random(7)
    with mail_server() as box:
        one = installation(tmp_path / "home", box)
        run(one, QUEUE, KIND="email", NUMBER=number)
        kills = 0
        while len(box.got) < number - 6:
            goal = min(number - 3, len(box.got) + dice.randint(3, 12))
            process = program(one, SEND, AFTERWARDS=True)
            wait_for(
                lambda goal=goal, process=process: len(box.got) >= goal or process.poll() is not None,
                "it stopped",
            )
            time.sleep(dice.random() * 0.01)
            kills += process.poll() is None
            kill(process)
        assert kills >= 3
        assert run(one, SEND, AFTERWARDS=True) == "['sent']"
        counted = Counter(letter["Message-ID"] for letter in box.letters())
        assert len(counted) == number and set(counted.values()) == {1}


def test_a_robot_that_took_it_is_not_told_again(tmp_path: Path) -> None:
    with mail_server() as box, receiver() as there:
        one = installation(tmp_path / "home", box)
        one.environment |= {"BIHUAN_WECOM_URL": there.url.rstrip("/"), "BIHUAN_WEBHOOK_NETWORKS": "127.0.0.1"}
        there.answers = [1]  # takes it, and never ends its answer
        run(one, QUEUE, KIND="wecom", NUMBER=1)
        process = program(one, SEND, AFTERWARDS=False)
        wait_for(lambda: there.got, "nothing is sent")
        kill(process)
        assert run(one, SEND, AFTERWARDS=True) == "['sent']"
        assert len(there.got) == 1
