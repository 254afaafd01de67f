"""What people are told about the weekly plan: one notice each, however many plays it gives them."""

from collections import Counter
from collections.abc import Mapping
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext_lazy, ngettext

from bihuan.base.access import Actor
from bihuan.base.notices import notice_kind
from bihuan.base.notices.actions import notify, take_back_notices
from bihuan.base.ui.formats import day

PUBLISHED = "plan.published"
#: So many pages are named in one statement.
AT_ONCE = 500

notice_kind(
    PUBLISHED, title=gettext_lazy("My week is planned"), icon="calendar-due", order=30, permission="plan.view",
    say=lambda args: ngettext(
        "Your week from %(monday)s is planned: %(n)d play lies on your bench.",
        "Your week from %(monday)s is planned: %(n)d plays lie on your bench.", args["n"],
    ) % {"monday": day(date.fromisoformat(args["monday"])), "n": args["n"]},
)  # fmt: skip


def tell_of_the_week(items: Mapping[int, int | None], *, monday: date, by: Actor, at: datetime) -> None:
    """Each of those who have an item one notice, in place of one an item on the bench; `items` by number, on whose bench."""
    urls = [f"/work-items/{item}/" for item in items]
    for start in range(0, len(urls), AT_ONCE):
        take_back_notices(kind="work.given", urls=urls[start : start + AT_ONCE], at=at)
    for person, number in Counter(items.values()).items():
        notify(
            users=[person], kind=PUBLISHED, args={"monday": monday.isoformat(), "n": number},
            url=reverse("plan:week", args=[monday.isoformat()]), by=by, at=at,
        )  # fmt: skip
