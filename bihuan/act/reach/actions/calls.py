"""What another program is told of a message: JSON, the same bytes at every try."""

import json

from bihuan.act.reach.models import Message


def body_of(row: Message) -> bytes:
    """`type` is message; whom it is about, and its text."""
    about = {
        "account": None if row.account is None else {"id": row.account.pk, "key": row.account.key, "name": row.account.name},
        "subject": row.subject, "text": row.body, "link": row.link, "template": row.template_name, "origin": row.origin,
    }  # fmt: skip
    said = {"id": row.message_id, "type": "message", "timestamp": row.created_at.isoformat(), "data": about}
    return json.dumps(said, ensure_ascii=False, sort_keys=True).encode()
