"""Processes: completions of user tasks a second, timers due at once, and the bench page with 100,000 open items.

A process of four steps of people, one after the other with a decision between, is run by 1 and by 4 worker processes that
complete items through the action which pages and REST use, each in a transaction of its own with durable commits. The peer
in the same run is bare SpiffWorkflow: the same diagram, a state restored from JSON, one task run, serialised again, no
database.
Usage: python benches/sop.py [--seconds 15] [--timers 10000] [--items 100000]; DATABASE_URL for PostgreSQL.
"""

import argparse
import json
import multiprocessing
import os
import sys
import tempfile
import time
from datetime import timedelta
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]


def prepare(home: str) -> None:
    """Django on a home of its own."""
    os.environ.update(BIHUAN_HOME=home, DJANGO_SETTINGS_MODULE="bihuan.config.settings")
    import django

    django.setup()


def diagram() -> str:
    from drawings import END, START, chain, drawn, field, flow, user

    return drawn(
        "bench", START, user("one", fields=field("amount", "number", False), limit="4h", remind="1h", escalateTo="manager"),
        '<exclusiveGateway id="big" default="big_three"/>', user("two", limit="1d"), user("three"), user("four"), END,
        chain("start", "one", "big"), flow("big", "two", "amount > 10.0"), flow("big", "three"), flow("two", "three"),
        chain("three", "four", "end"),
    )  # fmt: skip


def waits() -> str:
    from drawings import END, START, chain, drawn, flow, timer, user

    return drawn("bench_waits", START, user("talk"), timer("late", "talk", "PT1H"), user("ask"), END,
                 chain("start", "talk", "end"), flow("late", "ask"), '<endEvent id="told"/>', flow("ask", "told"))  # fmt: skip


def published(key: str, xml: str):
    from django.utils import timezone

    from bihuan.act.processes.actions import create_process, publish_draft
    from bihuan.base.access import system_actor

    by, at = system_actor("bench"), timezone.now()
    row = create_process(key=key, kind="process", name=key, xml=xml, by=by, at=at)
    publish_draft(process=row, by=by, at=at)
    return row


def started(process, number: int) -> list[int]:
    from django.utils import timezone

    from bihuan.act.work.actions import start_process
    from bihuan.base.access import system_actor

    return [
        start_process(process=process, by=system_actor("bench"), at=timezone.now(), title=f"{process.key} {n}").pk
        for n in range(number)
    ]  # fmt: skip


def completing(home: str, instances: list[int], seconds: float, results) -> None:
    """One worker: complete whatever waits in its instances, one transaction each, for so long."""
    prepare(home)
    from django.db import connection
    from django.utils import timezone

    from bihuan.act.work.actions import complete
    from bihuan.act.work.models import WorkItem
    from bihuan.base.access import system_actor

    connection.ensure_connection()
    by, done, took = system_actor("bench"), 0, []
    end = time.perf_counter() + seconds
    while time.perf_counter() < end:
        rows = list(WorkItem.objects.waiting().filter(instance__in=instances)[:200])
        if not rows:
            break
        for row in rows:
            start = time.perf_counter()
            complete(item=row, values={"amount": 5 + row.pk % 20}, by=by, at=timezone.now())
            took.append(time.perf_counter() - start)
            done += 1
            if time.perf_counter() >= end:
                break
    results.put((done, median(took) if took else 0.0))


def completions(home: str, workers: int, seconds: float, process) -> dict[str, float]:
    share = max(20, int(seconds * 90))
    shares = [started(process, share) for _ in range(workers)]
    results = multiprocessing.get_context("spawn").Queue()
    runs = [
        multiprocessing.get_context("spawn").Process(target=completing, args=(home, own, seconds, results))
        for own in shares
    ]
    for run in runs:
        run.start()
    found = [results.get() for _ in runs]
    for run in runs:
        run.join()
    return {
        "a second": sum(done for done, _ in found) / seconds,
        "median ms": 1000 * median(one for _, one in found),
    }


def bare(seconds: float) -> float:
    """Tasks a second of SpiffWorkflow alone: restored, run, serialised."""
    from SpiffWorkflow.bpmn.parser import BpmnParser
    from SpiffWorkflow.bpmn.serializer import BpmnWorkflowSerializer
    from SpiffWorkflow.bpmn.workflow import BpmnWorkflow
    from SpiffWorkflow.task import TaskState

    parser = BpmnParser()
    parser.add_bpmn_str(diagram().replace("amount &gt; 10.0", "amount > 10").encode())
    serializer = BpmnWorkflowSerializer()
    text, done, end = "", 0, time.perf_counter() + seconds
    while time.perf_counter() < end:
        if not text:
            workflow = BpmnWorkflow(parser.get_spec("bench"))
            workflow.do_engine_steps()
        else:
            workflow = serializer.deserialize_json(text)
        task = next(iter(workflow.get_tasks(state=TaskState.READY, manual=True)))
        task.data["amount"] = 5 + done % 20
        task.run()
        workflow.do_engine_steps()
        text = "" if workflow.completed else serializer.serialize_json(workflow)
        done += 1
    return done / seconds


def timers(number: int) -> float:
    """Seconds until so many timers that are due at once have moved their instances on."""
    from django.utils import timezone

    from bihuan.act.work.jobs import ring_due
    from bihuan.act.work.models import Alarm, WorkItem

    started(published("bench_waits", waits()), number)
    due = Alarm.objects.filter(instance__process__key="bench_waits", kind="timer")
    assert due.count() == number
    due.update(due_at=timezone.now() - timedelta(minutes=1))
    from bihuan.act.work import actions

    class Later:
        at = timezone.now() + timedelta(hours=2)

        def progress(self, *, done: int, total: int | None = None) -> None:
            return None

    start = time.perf_counter()
    ring_due(Later())
    took = time.perf_counter() - start
    fired = WorkItem.objects.filter(instance__process__key="bench_waits", element="ask").count()
    assert fired == number, (fired, actions)
    return took


def bench_page(number: int, process, tries: int = 40) -> dict[str, float]:
    """p95 of the bench, the queue and one item with so many open items, through Django's whole stack."""
    from django.test import Client
    from django.utils import timezone

    from bihuan.act.work.models import Instance, WorkItem
    from bihuan.base.access import system_actor
    from bihuan.know.staff.actions import add_staff
    from bihuan.know.staff.models import Staff

    now, by = timezone.now(), system_actor("bench")
    people = [
        Staff.objects.filter(username=f"p{n}").first()
        or add_staff(username=f"p{n}", name=f"P{n}", roles=["sales", "manager"], reach="all", by=by, at=now)
        for n in range(40)
    ]
    model = Instance.objects.filter(process=process, state="running").select_related("version").first()
    rows = Instance.objects.bulk_create(
        [Instance(process=process, version=model.version, title=f"More {n}", started_at=now, started_by_name="bench")
         for n in range(number)], batch_size=2_000)  # fmt: skip
    WorkItem.objects.bulk_create(
        [WorkItem(instance=row, token=f"t{row.pk}", element="one", name="One", role="sales", opened_at=now,
                  assignee=people[n % 40] if n % 2 else None, state="claimed" if n % 2 else "open",
                  claimed_at=now if n % 2 else None, due_at=now + timedelta(minutes=n % 5_000))
         for n, row in enumerate(rows)], batch_size=2_000)  # fmt: skip
    client = Client(headers={"Host": "127.0.0.1"})
    client.force_login(people[1], backend="django.contrib.auth.backends.ModelBackend")
    own = WorkItem.objects.filter(assignee=people[1]).first()
    found = {}
    paths = {
        "bench": "/bench/",
        "queue": "/bench/queue/",
        "item": f"/work-items/{own.pk}/",
        "frame": "/sign-in/",
    }
    for name, path in paths.items():
        took = []
        for _ in range(tries):
            start = time.perf_counter()
            assert client.get(path).status_code == 200, path
            took.append(1000 * (time.perf_counter() - start))
        found[name] = sorted(took)[int(0.95 * len(took)) - 1]
    return found


def main() -> None:
    parse = argparse.ArgumentParser()
    parse.add_argument("--seconds", type=float, default=15)
    parse.add_argument("--timers", type=int, default=10_000)
    parse.add_argument("--items", type=int, default=100_000)
    asked = parse.parse_args()
    with tempfile.TemporaryDirectory(prefix="bihuan-sop-") as home:
        prepare(home)
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        call_command("migrate", verbosity=0)
        settings.ALLOWED_HOSTS = ["*"]
        figures: dict[str, object] = {
            "database": connection.vendor,
            "bare SpiffWorkflow a second": bare(min(5, asked.seconds)),
        }
        process = published("bench", diagram())
        for workers in (1, 4):
            figures[f"{workers} workers"] = completions(home, workers, asked.seconds, process)
        figures["timers s"] = timers(asked.timers)
        figures["pages p95 ms"] = bench_page(asked.items, process)
        print(json.dumps(figures, indent=1, default=lambda one: round(one, 2)))


if __name__ == "__main__":
    main()
