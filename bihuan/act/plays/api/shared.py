"""The router of plays, and what both halves take."""

from decimal import Decimal
from typing import Annotated, Any

from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Router

from bihuan.act.plays import actions
from bihuan.act.plays.models import Play

router = Router(tags=["Plays"])
Share = Annotated[Decimal, Field(ge=0, le=1, decimal_places=3)]
Documents = Annotated[list[dict[str, Any]], Field(max_length=12)]


def play_of(key: str) -> Play:
    """A play; 404 for an unknown key."""
    actions.ensure_plays(at=timezone.now())
    found: Play = get_object_or_404(Play, key=key)
    return found
