"""Channels and templates to choose from, and how messages fare."""

from django.db.models import Count, Q, QuerySet

from bihuan.act.reach.models import Channel, Message, State, Template
from bihuan.base.access import Actor


def channels_for(actor: Actor) -> QuerySet[Channel]:
    """Those that are on and that the actor may send on."""
    return Channel.objects.visible_to(actor).filter(active=True).select_related("account", "product")


def templates_for(kind: str = "") -> list[Template]:
    """Those that are kept; of one kind of channel, if asked."""
    rows = Template.objects.filter(removed_at=None)
    return [row for row in rows if not kind or kind in row.kinds]


def figures_of(*, actor: Actor, origin: str) -> dict[str, int]:
    """How the messages of one origin fare: all, sent, opened, clicked, left out, failed."""
    rows = Message.objects.visible_to(actor).filter(origin=origin)
    return rows.order_by().aggregate(
        all=Count("pk"), sent=Count("pk", filter=Q(state=State.SENT)),
        opened=Count("pk", filter=Q(opened_at__isnull=False)), clicked=Count("pk", filter=Q(clicked_at__isnull=False)),
        skipped=Count("pk", filter=Q(state=State.SKIPPED)), failed=Count("pk", filter=Q(state=State.FAILED)),
    )  # fmt: skip
