"""What people say and leave at an item or an instance: comments with mentions, and files."""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.files.base import File as Bytes
from django.core.files.storage import default_storage
from django.db import transaction
from django.utils.translation import gettext as _

from bihuan.act.work.events import Commented
from bihuan.act.work.models import Comment, File, Instance, WorkItem
from bihuan.base.access import Actor
from bihuan.base.bus import publish
from bihuan.base.notices.actions import notify
from bihuan.know.staff.models import Staff

MOST_BYTES = 20 * 2**20
MOST_FILES = 50
#: Files that a browser or an office runs are not taken.
REFUSED = re.compile(
    r"\.(html?|xhtml|svg|js|mjs|exe|com|bat|cmd|ps1|vbs|jar|msi|scr|hta|docm|xlsm|pptm)$", re.IGNORECASE
)
_MENTION = re.compile(r"@([\w.\-]{1,60})")


#: Where the bytes of files were put that this action has kept so far.
_kept: ContextVar[list[str] | None] = ContextVar("kept", default=None)


@contextmanager
def no_strays() -> Iterator[None]:
    """When the action around it fails, the bytes that it has put down go with its rows."""
    before, places = _kept.get(), list[str]()
    token = _kept.set(places)
    try:
        yield
    except BaseException:
        for place in places:
            default_storage.delete(place)
        raise
    finally:
        _kept.reset(token)
    if before is not None:
        before.extend(places)


def mentioned_in(text: str) -> list[Staff]:
    """Colleagues whose sign-in names stand behind an @."""
    return list(Staff.objects.filter(username__in=_MENTION.findall(text), is_active=True))


@transaction.atomic
def comment(
    *, instance: Instance, text: str, by: Actor, at: datetime, item: WorkItem | None = None, mentions: Iterable[Staff] = ()
) -> Comment:  # fmt: skip
    """Write something; those who are mentioned, also by @name, are asked to look. ValidationError for nothing, or too much."""
    text = text.strip()
    if not text:
        raise ValidationError({"text": _("Write something.")})
    row = Comment(instance=instance, item=item, text=text, by_id=by.user_id, by_name=by.name, at=at)
    row.full_clean(exclude=["instance", "item", "by", "mentions"])
    row.save()
    asked = {one.pk: one for one in (*mentions, *mentioned_in(text))}
    row.mentions.set(asked.values())
    fact = Commented(
        instance_id=instance.pk, item_id=None if item is None else item.pk, account_id=instance.account_id,
        mentions=sorted(asked),
    )  # fmt: skip
    publish(fact, by=by, at=at)
    where = f"/instances/{instance.pk}/" if item is None else f"/work-items/{item.pk}/"
    args = {"about": instance.title, "who": by.name}
    told = [one.pk for one in asked.values() if _sees(one, instance)]
    notify(users=told, kind="work.mentioned", args=args, url=where, by=by, at=at)
    return row


def _sees(who: Staff, instance: Instance) -> bool:
    """Whether they find it, so that its title may be told: something of it is theirs, or it is in their territory."""
    actor = who.actor()
    if WorkItem.objects.visible_to(actor).filter(instance=instance).exists():
        return True
    return actor.may("work.see") and Instance.objects.visible_to(actor).filter(pk=instance.pk).exists()


@transaction.atomic
def attach(
    *, instance: Instance, name: str, content: "Bytes[bytes]", by: Actor, at: datetime, item: WorkItem | None = None,
    field: str = "",
) -> File:  # fmt: skip
    """Keep a file. ValidationError for one that is too large, of a kind that runs, or one too many."""
    name = re.split(r"[\\/]", name)[-1].strip()[:200] or "file"
    if content.size > MOST_BYTES:
        raise ValidationError({"file": _("A file has at most 20 MB.")})
    if REFUSED.search(name):
        raise ValidationError({"file": _("Files of this kind are not taken.")})
    if instance.files.count() >= MOST_FILES:
        raise ValidationError({"file": _("There are %(n)s files already.") % {"n": MOST_FILES}})
    place = default_storage.save(f"work/{instance.pk}/file", content)
    if (places := _kept.get()) is not None:
        places.append(place)
    row = File.objects.create(
        instance=instance, item=item, field=field, name=name, size=content.size, kind="application/octet-stream",
        place=place, by_name=by.name, at=at,
    )  # fmt: skip
    fact = Commented(
        instance_id=instance.pk, item_id=None if item is None else item.pk, account_id=instance.account_id, mentions=[]
    )  # fmt: skip
    publish(fact, by=by, at=at)
    return row
