"""Channels and templates of the tests, with receivers that keep what arrives."""

from collections.abc import Iterator

import pytest
from cast import NOW, SYSTEM

from bihuan.act.reach.tests.mail_server import MailBox, mail_server
from bihuan.base.webhooks.tests.receivers import Receiver, receiver


@pytest.fixture
def home(settings, tmp_path):
    settings.BIHUAN_HOME = tmp_path
    settings.PUBLIC_URL = "https://bihuan.example"
    return tmp_path


@pytest.fixture
def there(settings, home) -> Iterator[Receiver]:
    """A program that takes robots' texts and webhooks."""
    settings.WEBHOOK_NETWORKS = "127.0.0.1"
    with receiver() as one:
        one.text = '{"errcode": 0, "code": 0}'
        settings.WECOM_URL = settings.DINGTALK_URL = settings.FEISHU_URL = one.url.rstrip("/")
        yield one


@pytest.fixture
def box(settings, home) -> Iterator[MailBox]:
    """A mail server."""
    with mail_server() as one:
        settings.SMTP_HOST, settings.SMTP_PORT, settings.SMTP_TLS = "127.0.0.1", one.port, "none"
        settings.SMTP_FROM, settings.SMTP_FROM_NAME = "hello@bihuan.example", "闭环"
        yield one


@pytest.fixture
def channel(cast, home):
    from bihuan.act.reach.actions import add_channel

    def add(kind: str, **more):
        return add_channel(kind=kind, name=more.pop("name", kind), by=SYSTEM, at=NOW, **more)

    return add


@pytest.fixture
def template(cast):
    from bihuan.act.reach.actions import save_template
    from bihuan.act.reach.models import Kind

    def save(**more):
        values = {
            "name": "续约", "kinds": list(Kind.values), "subject_zh": "{{ person.name }}，合同快到期了",
            "body_zh": "{{ account.name }} 的合同还有 {{ data.days }} 天到期。", "link": "https://app.example/renew",
            "link_zh": "去续约",
        }  # fmt: skip
        return save_template(values=values | more, by=SYSTEM, at=NOW)

    return save


@pytest.fixture
def send(cast, channel, template):
    """`send(channel, key=…)` to Lin of Yunshan."""
    from bihuan.act.reach.actions import send_message

    def one(to, key="k", **more):
        values = {
            "template": more.pop("template", None) or template(), "account": cast.yunshan, "person": cast.lin,
            "by": cast.actor("song"), "at": NOW, "data": {"days": 30},
        }  # fmt: skip
        return send_message(key=key, channel=to, **(values | more))

    return one
