"""An automatic step of a process sends the customer a message, once; what it cannot find it says."""

import pytest
from cast import NOW, SYSTEM
from drawings import END, START, chain, drawn, field, service, user

from bihuan.act.processes.actions import create_process, publish_draft
from bihuan.act.processes.queries import forget
from bihuan.act.reach.models import Message, State
from bihuan.act.reach.steps import send_one
from bihuan.act.work import actions
from bihuan.act.work.automatic import Around, StepFailed
from bihuan.act.work.models import WorkItem
from bihuan.know.products.actions import add_product

pytestmark = pytest.mark.django_db


@pytest.fixture
def inside(channel, template):
    template(name="Welcome", body_zh="{{ account.name }} 你好")
    return channel("in_app", name="Inbox", product=add_product(name="Web", by=SYSTEM, at=NOW))


@pytest.fixture
def around(cast):
    return Around(by=SYSTEM, at=NOW, instance_id=7, account_id=cast.yunshan.pk, once="work:1")


def test_a_process_writes_to_whom_its_form_names(cast, inside):
    forget()
    given = {"channel": "'Inbox'", "template": "'Welcome'", "person": "who"}
    xml = drawn("hello", START, user("ask", fields=field("who", "text")), service("tell", "send_message", given, {"sent": "state"}),
                user("after"), END, chain("start", "ask", "tell", "after", "end"))  # fmt: skip
    row = create_process(key="hello", kind="process", name="Hello", xml=xml, by=SYSTEM, at=NOW)
    publish_draft(process=row, by=SYSTEM, at=NOW)
    song = cast.actor("song")
    instance = actions.start_process(process=row, account=cast.yunshan, by=song, at=NOW)
    actions.complete(
        item=WorkItem.objects.get(element="ask"), values={"who": str(cast.lin.pk)}, by=song, at=NOW
    )
    item = WorkItem.objects.get(element="tell")
    for _again in range(2):
        actions.run_automatic(item_id=item.pk, by=SYSTEM, at=NOW)
    message = Message.objects.get()
    assert (message.person, message.account, message.body) == (cast.lin, cast.yunshan, "云杉仪器 你好")
    assert message.state == State.QUEUED and message.origin == f"process:{instance.pk}"
    assert WorkItem.objects.waiting().get().element == "after"


@pytest.mark.parametrize("said", ["lin", "LIN@yunshan.example"])
def test_a_person_is_known_by_key_or_address_too(cast, inside, around, said):
    send_one(around=around, channel="Inbox", template="Welcome", person=said)
    assert Message.objects.get().person == cast.lin


def test_the_same_step_again_is_the_same_message(cast, inside, around):
    first, again = (
        send_one(around=around, channel="Inbox", template="Welcome", person="lin") for _ in range(2)
    )
    assert first == again and Message.objects.count() == 1


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"channel": "Outbox"}, "no_channel"),
        ({"template": "Goodbye"}, "no_template"),
        ({"person": "he"}, "no_person"),  # of another account
        ({"person": None}, "no_person"),
        ({"person": "9" * 40}, "no_person"),
    ],
)
def test_what_is_not_there_is_named(cast, inside, around, more, code):
    with pytest.raises(StepFailed) as failed:
        send_one(around=around, **({"channel": "Inbox", "template": "Welcome", "person": "lin"} | more))
    assert failed.value.code == code and not Message.objects.exists()


def test_a_process_about_no_account_writes_to_nobody(inside):
    nowhere = Around(by=SYSTEM, at=NOW, instance_id=7, account_id=None, once="work:2")
    with pytest.raises(StepFailed, match="not about an account"):
        send_one(around=nowhere, channel="Inbox", template="Welcome", person="lin")


def test_a_robot_of_another_accounts_group_is_not_found(cast, channel, template, around):
    template(name="Welcome", body_zh="{{ account.name }}", subject_zh="你好")
    channel("wecom", name="Group", token="0123456789", account=cast.songtao)
    with pytest.raises(StepFailed) as failed:
        send_one(around=around, channel="Group", template="Welcome")
    assert failed.value.code == "no_channel"
    channel("wecom", name="Ours", token="0123456789", account=cast.yunshan)
    assert send_one(around=around, channel="Ours", template="Welcome")["state"] == State.QUEUED
