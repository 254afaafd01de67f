"""Writes of webhooks."""

from bihuan.base.webhooks.actions.endpoints import (
    add_endpoint,
    change_endpoint,
    change_secret,
    remove_endpoint,
    replay,
    send_test,
)
from bihuan.base.webhooks.actions.sending import send_due

__all__ = [
    "add_endpoint",
    "change_endpoint",
    "change_secret",
    "remove_endpoint",
    "replay",
    "send_due",
    "send_test",
]
