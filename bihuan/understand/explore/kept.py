"""Answers that are kept until new data touches them, so that a dashboard does not ask the same again and again."""

import json
from datetime import datetime
from hashlib import sha256
from typing import Any

from django.core.cache import cache
from django.utils import timezone

from bihuan.base.access import Actor, Reach
from bihuan.capture.store import get_store
from bihuan.understand.engine.answer import Answer, plain
from bihuan.understand.engine.kinds import KINDS
from bihuan.understand.engine.scope import trait_of
from bihuan.understand.explore.queries import ask

OF_EVENTS = frozenset(kind.name for kind in KINDS)
KEEP_SECONDS, KEEP_BRIEFLY = 600, 60
MOST_ROWS = 3_000


def ask_kept(*, question: Any, actor: Actor, at: datetime) -> Answer:
    """As `ask`. An answer about events may be one given before, if nothing was added to the store since."""
    if (
        not isinstance(question, dict)
        or question.get("kind") not in OF_EVENTS
        or not actor.may("explore.view")
    ):
        return ask(question=question, actor=actor, at=at)
    key = _key_of(question, actor=actor, at=at)
    found: Answer | None = cache.get(key)
    if found is None:
        found = ask(question=question, actor=actor, at=at)
        if len(found.rows) <= MOST_ROWS:
            cache.set(key, found, KEEP_SECONDS if _of_events_alone(question, actor) else KEEP_BRIEFLY)
    return found


def _of_events_alone(question: dict[str, Any], actor: Actor) -> bool:
    """Whether nothing but the events decides: no territory, no segment, nothing that is known of accounts or people."""
    by = question.get("by")
    traits = isinstance(by, str) and trait_of(by) is not None
    return actor.reach == Reach.ALL and not question.get("segment") and not traits


def _key_of(question: dict[str, Any], *, actor: Actor, at: datetime) -> str:
    who = "all" if actor.reach == Reach.ALL else f"staff {actor.user_id}"
    said = json.dumps(plain(question), sort_keys=True, ensure_ascii=False, default=str)
    parts = (
        str(get_store().folder),
        who,
        timezone.localdate(at).isoformat(),
        str(get_store().applied_seq),
        said,
    )
    return "answer:" + sha256("\n".join(parts).encode(errors="surrogatepass")).hexdigest()
