"""Every process that ships is whole in both languages, is published without a word against it, and is run to every end."""

import random
from datetime import timedelta

import pytest
from cast import NOW, SYSTEM
from django.utils import timezone

from bihuan.act.bpmn import read_diagram
from bihuan.act.processes.models import Process, Version
from bihuan.act.processes.queries import forget, problems_of
from bihuan.act.processes.shipped import files, ship
from bihuan.act.work import actions
from bihuan.act.work.models import WorkItem
from bihuan.base.jobs.models import Job
from bihuan.base.jobs.worker import drain

KEYS = [path.stem for path in files() if path.suffix == ".yaml"]
NUMBERS = (0, 1, 2, 4, 10, 20, 60, 80, 90, 100, 30_000, 60_000, 300_000, 2_000_000)


@pytest.fixture
def shipped(cast):
    forget()
    ship(by=SYSTEM, at=NOW)
    Job.objects.all().delete()  # of the events of shipping, which are not looked at here
    return cast


def test_there_are_twelve() -> None:
    assert len(KEYS) == 12


@pytest.mark.django_db
def test_nothing_is_said_against_them_and_shipping_again_changes_nothing(shipped) -> None:
    for version in Version.objects.select_related("process"):
        process = version.process
        assert version.state == "published" and process.shipped
        assert problems_of(kind=process.kind, key=process.key, xml=version.xml) == [], process.key
    Process.objects.filter(key="renewal").update(name="Ours")
    assert ship(by=SYSTEM, at=NOW) == []
    assert Process.objects.get(key="renewal").name == "Ours"


@pytest.mark.django_db
def test_they_are_whole_in_both_languages(shipped) -> None:
    for version in Version.objects.filter(process__kind="process"):
        diagram = read_diagram(version.xml)
        words = [diagram.name, diagram.text]
        for node in diagram.nodes.values():
            words += [node.name] if node.name or node.kind in ("userTask", "endEvent") else []
            words += [one.title for one in (*node.fields, *node.checks)]
            words += [choice.title for one in node.fields for choice in one.choices]
        assert all(one.text and one.zh for one in words), version.process.key


@pytest.mark.django_db
def test_shapes_of_the_pictures_do_not_overlap(shipped) -> None:
    for version in Version.objects.filter(process__kind="process"):
        boxes = [node.at for node in read_diagram(version.xml).nodes.values()]
        for number, (ax, ay, aw, ah) in enumerate(boxes):
            for bx, by, bw, bh in boxes[number + 1 :]:
                assert ax + aw <= bx or bx + bw <= ax or ay + ah <= by or by + bh <= ay, version.process.key


def answer(field, rng: random.Random, high: float, yes: float):
    """Something that fits the field, numbers the higher (0 to 1), yes the more often (0 to 1); None now and then where
    nothing is needed."""
    if not field.required and rng.random() < 0.3:
        return None
    if field.kind in ("number", "money"):
        fitting = [
            n for n in NUMBERS if n >= float(field.least or 0) and n <= float(field.most or 10_000_000)
        ]
        return rng.choice(fitting) if rng.random() < 0.3 else fitting[round(high * (len(fitting) - 1))]
    if field.kind == "choice":
        return rng.choice(field.choices).value
    return {"yesno": rng.random() < yes, "date": "2026-12-01"}.get(field.kind, rng.choice(["none", "text"]))


def walked(process, cast, rng: random.Random) -> str:
    """One instance, done by whoever is asked until it ends; the end it reached."""
    from bihuan.act.processes.queries import compiled_of

    mood = rng.choice((0.05, 0.5, 0.95)), rng.choice((0.05, 0.5, 0.95))
    drawn = compiled_of(process.versions.get(state="published").pk).diagram
    at, system = NOW, SYSTEM
    values = {one.name: answer(one, rng, *mood) for one in drawn.start_fields}
    instance = actions.start_process(process=process, values=values, account=cast.yunshan, by=system, at=at)
    for _turn in range(80):
        at += timedelta(hours=1)
        waiting = WorkItem.objects.waiting().filter(instance=instance)
        item = waiting.first()
        if item is None:
            drain(at=max(at, timezone.now() + timedelta(minutes=1)))
            item = waiting.first()
        instance.refresh_from_db()
        assert instance.state in ("running", "ended"), (process.key, instance.stuck_why)
        if instance.state == "ended":
            return instance.outcome
        if item is None:
            at += timedelta(days=100)
            rung = actions.ring(instance_id=instance.pk, by=system, at=at)
            assert rung, [job.error for job in Job.objects.exclude(error="")]
            continue
        node = drawn.nodes[item.element]
        for line in range(len(node.checks)):
            actions.tick(item=item, line=line, done=True, by=system, at=at)
        if node.work.approval:
            yes = rng.random() < mood[1]
            for name in ("mei", "root"):
                if WorkItem.objects.get(pk=item.pk).state in ("open", "claimed"):
                    actions.vote(item=item, approved=yes, note="so", by=cast.actor(name), at=at)
            continue
        given = {one.name: answer(one, rng, *mood) for one in node.fields}
        actions.complete(item=item, values=given, signed="Mei", by=system, at=at)
    return ""


@pytest.mark.django_db
@pytest.mark.parametrize("key", KEYS)
def test_it_is_run_to_every_end(shipped, key) -> None:
    process = Process.objects.get(key=key)
    ends = {
        node.id for node in read_diagram(process.versions.get().xml).nodes.values() if node.kind == "endEvent"
    }
    rng, reached = random.Random(key), set()
    for _try in range(250):
        reached.add(walked(process, shipped, rng))
        if reached >= ends:
            break
    assert reached >= ends, f"not reached: {ends - reached}"
