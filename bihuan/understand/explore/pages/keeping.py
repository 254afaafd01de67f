"""What saved questions and dashboards do alike: one's own is found, taken away and brought back."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar

from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import Undo, done, undoable
from bihuan.understand.explore import actions
from bihuan.understand.explore.models import Dashboard, Kept, SavedQuestion

K = TypeVar("K", bound=Kept)
KEPT: dict[str, type[Kept]] = {"question": SavedQuestion, "dashboard": Dashboard}


def own(model: type[K], actor: Actor, pk: int) -> K:
    """One of the actor's own that was not removed, else 404."""
    found: K = get_object_or_404(model.objects.owned_by(actor), pk=pk)
    return found


def removing(kept: str, *, to: str) -> Callable[..., HttpResponseBase]:
    """The view that takes a question or a dashboard away and goes on to the list `to`; can be undone."""

    @allow("explore.save")
    @require_POST
    def remove(request: HttpRequest, pk: int) -> HttpResponse:
        actor = actor_of(request)
        row = own(KEPT[kept], actor, pk)
        actions.remove(row=row, by=actor, at=timezone.now())
        text = _("“%(title)s” was removed.") % {"title": row.title}
        return done(
            request, text, to=reverse(to), undo=Undo(name="explore.restore", args={"kept": kept, "pk": pk})
        )

    return remove


@undoable("explore.restore", permission="explore.save")
def restore(*, by: Actor, at: datetime, kept: str, pk: int) -> str:
    """Bring it back."""
    actions.restore(row=get_object_or_404(KEPT[kept], pk=pk, owner_id=by.user_id), by=by, at=at)
    return _("It is back.")
