"""Writes about sources. A key is returned once, here, and never again."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from bihuan.base.access import Actor, system_actor
from bihuan.base.bus import publish
from bihuan.base.clock import APART
from bihuan.capture.sources.events import (
    SourceAdded,
    SourceFellSilent,
    SourceIsBack,
    SourceKeepingChanged,
    SourceKeyRotated,
    SourceRenamed,
    SourceRevoked,
)
from bihuan.capture.sources.models import Source
from bihuan.capture.sources.queries import silent_sources
from bihuan.capture.sources.rules import RESERVED_CODE, Rhythm, hash_of, hint_of, new_key


@transaction.atomic
def add_source(*, code: str, product: Any, by: Actor, at: datetime, name: str = "") -> tuple[Source, str]:
    """Add a source of a product; returns it and its write key, which is not kept and never shown again."""
    if code == RESERVED_CODE:
        raise ValidationError({"code": _("This code stands for Bihuan itself; choose another.")})
    key = new_key()
    source = Source(
        code=code,
        name=name or code,
        product=product,
        key_hash=hash_of(key),
        key_hint=hint_of(key),
        created_at=at,
    )
    source.full_clean()
    source.save()
    publish(SourceAdded(source_id=source.pk, code=code, product_id=product.pk), by=by, at=at)
    return source, key


@transaction.atomic
def get_or_add_import_source(*, code: str, product: Any, by: Actor, at: datetime, name: str = "") -> Source:
    """The source that stands for imported files of a product; it has no write key."""
    found = Source.objects.filter(code=code).first()
    if found is not None:
        return found
    source = Source(code=code, name=name or code, product=product, kind=Source.Kind.IMPORT, created_at=at)
    source.full_clean()
    source.save()
    publish(SourceAdded(source_id=source.pk, code=code, product_id=product.pk), by=by, at=at)
    return source


@transaction.atomic
def rotate_key(*, source: Source, by: Actor, at: datetime) -> str:
    """Give the source a new write key and return it; the old one is refused from now on."""
    if source.kind != Source.Kind.PRODUCT:
        raise ValidationError(_("This source has no write key."))
    key = new_key()
    source.key_hash, source.key_hint, source.active = hash_of(key), hint_of(key), True
    source.save(update_fields=["key_hash", "key_hint", "active"])
    publish(SourceKeyRotated(source_id=source.pk, code=source.code), by=by, at=at)
    return key


@transaction.atomic
def revoke_source(*, source: Source, by: Actor, at: datetime) -> None:
    """Refuse its key from now on; doing so twice changes nothing."""
    if (
        Source.objects.filter(pk=source.pk, active=True)
        .exclude(kind=Source.Kind.INTERNAL)
        .update(active=False)
    ):
        publish(SourceRevoked(source_id=source.pk, code=source.code), by=by, at=at)
    source.refresh_from_db()


@transaction.atomic
def rename_source(*, source: Source, name: str, by: Actor, at: datetime) -> Source:
    """Give a source another name; its code and key stay."""
    before, source.name = source.name, name
    source.full_clean()
    source.save(update_fields=["name"])
    if before != name:
        publish(SourceRenamed(source_id=source.pk, before=before, after=name), by=by, at=at)
    return source


@transaction.atomic
def keep_events_for(*, source: Source, days: int, by: Actor, at: datetime) -> Source:
    """Keep what a source sends for so many days after it happened (0: for ever); the nightly job drops the rest."""
    before, source.keep_days = Source.objects.select_for_update().get(pk=source.pk).keep_days, days
    source.full_clean()
    source.save(update_fields=["keep_days"])
    if before != days:
        publish(SourceKeepingChanged(source_id=source.pk, before=before, after=days), by=by, at=at)
    return source


def mark_seen(*, source_ids: Iterable[int], at: datetime, pause_is_true: bool = True) -> None:
    """Remember that events of these sources came at that time, and how long they had been quiet before.

    Unless the clock jumped meanwhile (`pause_is_true`): a pause of days that was none would hush the alarm for days.
    """
    for source in Source.objects.filter(pk__in=list(source_ids)):
        if pause_is_true and source.last_seen_at is not None and source.last_seen_at < at:
            rhythm = Rhythm.from_json(source.rhythm).after(
                before=localtime(source.last_seen_at), at=localtime(at)
            )
            source.rhythm = rhythm.as_json()
        Source.objects.filter(pk=source.pk).update(last_seen_at=at, rhythm=source.rhythm)
        if source.silent_since is not None:
            _is_back(source, at=at)


@transaction.atomic
def _is_back(source: Source, *, at: datetime) -> None:
    since = source.silent_since
    if since is not None and Source.objects.filter(pk=source.pk, silent_since=since).update(
        silent_since=None
    ):
        fact = SourceIsBack(source_id=source.pk, code=source.code, since=since.isoformat())
        publish(fact, by=system_actor("capture"), at=at)


def note_silences(*, at: datetime) -> int:
    """Tell, once each, which sources are quiet for longer than is usual; returns how many are newly so."""
    told = 0
    # What a clock that ran ahead has dated was heard now at the latest: else its silence would count from then on.
    Source.objects.filter(last_seen_at__gt=at + APART).update(last_seen_at=at)
    for silence in silent_sources(at=at):
        with transaction.atomic():
            fresh = Source.objects.filter(pk=silence.source_id, silent_since=None).update(
                silent_since=silence.since
            )
            if fresh:
                fact = SourceFellSilent(source_id=silence.source_id, code=silence.code, since=silence.since.isoformat(),
                                        usual_seconds=silence.usual_seconds)  # fmt: skip
                publish(fact, by=system_actor("capture"), at=at)
                told += 1
    return told
