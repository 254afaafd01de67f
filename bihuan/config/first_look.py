"""What a team of the simulated company has laid out for itself: questions on a dashboard, segments, notes on its charts.

An empty list teaches nobody what it is for. Everything goes through the doors that people use, by the demo's operator.
"""

from datetime import date, datetime, timedelta
from typing import Any

from django.db import transaction

from bihuan.know.staff.models import Staff
from bihuan.understand.annotations.actions import add_annotation
from bihuan.understand.annotations.models import AnnotationKind
from bihuan.understand.explore.actions import save_dashboard, save_question
from bihuan.understand.explore.models import Dashboard
from bihuan.understand.segments.actions import add_segment

WHO = "operator"
DASHBOARD = "每周运营看板"
#: Title, columns of six, question.
QUESTIONS: tuple[tuple[str, int, str], ...] = (
    ("每周活跃客户", 3, "{kind: trend, measure: accounts, every: week, period: {last: 168d}}"),
    ("每周活跃人数（按客户等级）", 3,
     "{kind: trend, measure: people, every: week, by: account.tier, period: {last: 168d}}"),
    ("月度收入", 3, "{kind: revenue, every: month, period: {last: 364d}}"),
    ("健康度分布", 3, "{kind: health}"),
    ("从打开文档到导出报表", 3,
     "{kind: funnel, unit: person, steps: [document_opened, report_created, report_exported], within: 14d,"
     " period: {last: 84d}}"),
    ("工单（按优先级）", 3, "{kind: tickets, by: priority}"),
)  # fmt: skip
SEGMENTS: tuple[dict[str, Any], ...] = (
    {"key": "renewal-at-risk", "title": "九十天内续约且席位闲置",
     "rule": "m.days_to_renewal <= 90 && m.seats_active < 0.5",
     "description": "续约前先把席位用起来。"},
    {"key": "large-and-well", "title": "重点且健康的客户", "rule": "account.tier in ['S', 'A'] && m.usage_trend >= 0.0",
     "description": "适合做案例和推荐。"},
)  # fmt: skip
#: Kind, title, days before the last one, days it lasted after the first.
NOTES: tuple[tuple[str, str, int, int | None], ...] = (
    (AnnotationKind.CAMPAIGN, "客户培训周", 45, 4),
    (AnnotationKind.RELEASE, "新版报表上线", 80, None),
)


@transaction.atomic
def lay_out(*, until: date, at: datetime) -> int:
    """A shared dashboard of saved questions, segments and notes; returns how many questions.

    0 without the demo's operator, and when there is a dashboard already.
    """
    person = Staff.objects.filter(username=WHO).first()
    if person is None or Dashboard.objects.exists():
        return 0
    by = person.actor()
    tiles: list[tuple[Any, int]] = [
        (save_question(title=title, text=text, shared=True, by=by, at=at), width)
        for title, width, text in QUESTIONS
    ]
    save_dashboard(title=DASHBOARD, shared=True, tiles=tiles, by=by, at=at)
    for segment in SEGMENTS:
        add_segment(**segment, by=by, at=at)
    for kind, title, before, lasted in NOTES:
        first = until - timedelta(days=before)
        last = first + timedelta(days=lasted) if lasted else None
        add_annotation(kind=kind, title=title, first_on=first, last_on=last, by=by, at=at)
    return len(tiles)
