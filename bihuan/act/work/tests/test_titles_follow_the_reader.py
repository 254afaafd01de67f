"""The title of an instance that its process gave it is read in the reader's language; one that somebody wrote stays."""

import pytest
from cast import NOW, SYSTEM
from django.utils.translation import override

from bihuan.act.processes.models import Process
from bihuan.act.processes.shipped import ship
from bihuan.act.work.models import Instance


@pytest.fixture
def process(cast):
    ship(by=SYSTEM, at=NOW)
    return Process.objects.get(key="renewal")


@pytest.mark.parametrize(("title", "english", "chinese"), [
    ("续约 · 云杉仪器", "Renewal · 云杉仪器", "续约 · 云杉仪器"), ("Renewal · 云杉仪器", "Renewal · 云杉仪器", "续约 · 云杉仪器"),
    ("续约", "Renewal", "续约"), ("续约三年的谈判", "续约三年的谈判", "续约三年的谈判"), ("My own", "My own", "My own"),
])  # fmt: skip
def test_of_both_ways(process, title, english, chinese):
    one = Instance(process=process, title=title)
    for language, said in (("en", english), ("zh-hans", chinese)):
        with override(language):
            assert one.said_title == said


def test_the_list_says_it(cast, process):
    Instance.objects.create(process=process, version=process.versions.get(state="published"), title="续约 · 云杉仪器",
                            account=cast.yunshan, started_at=NOW, started_by_name="plays")  # fmt: skip
    client = cast.client("mei")
    text = client.get("/instances/").content.decode()
    assert "Renewal · 云杉仪器" in text and "Plays, automatically" in text
    client.cookies["django_language"] = "zh-hans"
    text = client.get("/instances/").content.decode()
    assert "续约 · 云杉仪器" in text and "策略自动执行" in text
