"""Process mining stands in the navigation; it lists every process with how much of it ran, within the reader's territory."""

from datetime import timedelta

from cast import NOW, SYSTEM
from django.utils import timezone

from bihuan.act.mining.pages import MinedProcesses
from bihuan.act.processes.models import Process
from bihuan.act.processes.shipped import ship
from bihuan.act.work.models import Instance
from bihuan.know.staff.models import Staff


def test_who_may_see_mining_finds_it_in_the_navigation(cast):
    for who, sees in (("mei", True), ("oli", True), ("song", False), ("pan", False)):
        client = cast.client(who)
        assert client.get("/mining/").status_code == (200 if sees else 403)
        assert ('href="/mining/"' in client.get("/").content.decode()) is sees


def test_it_counts_what_runs_within_the_territory(cast):
    ship(by=SYSTEM, at=NOW)
    process, today = Process.objects.get(key="demand"), timezone.now()
    for state, account, ended in (
        ("running", cast.yunshan, None),
        ("ended", cast.yunshan, today),
        ("ended", cast.songtao, today - timedelta(days=120)),
    ):
        Instance.objects.create(process=process, version=process.versions.get(state="published"), title=state, account=account,
                                state=state, started_at=NOW, started_by_name="test", ended_at=ended)  # fmt: skip
    Staff.objects.filter(pk=cast.oli.pk).update(reach="own")
    for who, ended in (("mei", 1), ("oli", 0)):
        found = (
            MinedProcesses()
            .queryset(actor=Staff.objects.get(pk=getattr(cast, who).pk).actor())
            .get(key="demand")
        )
        assert (found.running, found.ended, found.all_runs) == ((1, ended, 3) if who == "mei" else (0, 0, 0))
    assert f'href="/processes/{process.pk}/mining/"' in cast.client("mei").get("/mining/").content.decode()
