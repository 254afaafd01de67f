"""Reads of the outbox that the pages and the API share."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from bihuan.base.access import Actor, Reach
from bihuan.base.bus.models import OutboxFact


def audit_of(*, actor: Actor) -> "QuerySet[Any]":
    """Every fact for those who see every customer; others see what they did themselves."""
    rows = OutboxFact.objects.all()
    return rows if actor.reach == Reach.ALL else rows.filter(actor_id=actor.user_id)


def told_since(names: Iterable[str], *, at: datetime) -> list[tuple[datetime, dict[str, Any]]]:
    """(when, payload) of the facts of these names from a moment on, in their order."""
    rows = OutboxFact.objects.filter(name__in=list(names), at__gte=at).order_by("at", "pk")
    return list(rows.values_list("at", "payload").iterator(chunk_size=5_000))


def newest_fact() -> int:
    """A number that differs when a fact was published since; 0 when there is none."""
    newest = OutboxFact.objects.order_by("-id").values_list("id", flat=True).first()
    return newest or 0
