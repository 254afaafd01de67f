"""A server that is killed (SIGKILL) while it sends a webhook loses nothing: it is sent again, under the same id."""

import os
import signal
import subprocess
import sys
import time
from contextlib import closing
from pathlib import Path

from standardwebhooks.webhooks import Webhook

from bihuan.base.webhooks.tests.receivers import receiver
from tests.installation import Installation

#: What the worker does when the lease of the one that was killed has ended.
AFTERWARDS = """
import django
django.setup()
from django.utils import timezone
from bihuan.base.webhooks.actions.sending import LEASE, send_due
from bihuan.base.webhooks.models import Delivery
(row,) = Delivery.objects.filter(state="waiting", next_at__gt=timezone.now())
row.next_at -= LEASE
row.save()
print(send_due(at=timezone.now())[0])
"""


def test_it_is_sent_again_under_the_same_id(tmp_path: Path) -> None:
    one = Installation(tmp_path / "home", ready=True, BIHUAN_WEBHOOK_NETWORKS="127.0.0.1", BIHUAN_DEBUG="")
    one.out("user", "add", "wei", "--password-stdin", said="correct horse battery\n")
    one.start()
    with receiver() as there:
        try:
            with closing(one.signed_in("wei", "correct horse battery")) as wei:
                hook = {"name": "ERP", "url": there.url, "facts": ["region_added"]}
                secret = wei.post("/api/v1/webhooks", json=hook).json()["secret"]
                there.answers = [1]  # takes the request, and never ends its answer
                assert wei.post("/api/v1/regions", json={"code": "east", "name": "East"}).status_code == 201
            until = time.monotonic() + 30
            while not there.got:
                assert time.monotonic() < until, "nothing is sent"
                time.sleep(0.05)
        finally:
            assert one.process is not None
            one.process.send_signal(signal.SIGKILL)
            one.process.wait(30)
        environment = {**os.environ, **one.environment, "DJANGO_SETTINGS_MODULE": "bihuan.config.settings"}
        done = subprocess.run(
            [sys.executable, "-W", "ignore", "-c", AFTERWARDS], env=environment, capture_output=True, text=True, timeout=120
        )  # fmt: skip
        assert done.stdout.strip() == "1", done.stderr
        first, second = there.got
    assert first[0]["webhook-id"] == second[0]["webhook-id"] and first[1] == second[1]
    assert Webhook(secret).verify(second[1], second[0])["data"]["code"] == "east"
