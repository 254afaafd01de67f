"""Pages of API tokens: one's own, made, shown once, revoked."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from bihuan.base.access.actions import create_token, revoke_token
from bihuan.base.access.actor import actor_of
from bihuan.base.access.forms import TokenForm
from bihuan.base.access.guard import allow
from bihuan.base.access.models import ApiToken
from bihuan.base.access.titles import by_room, deed_of
from bihuan.base.ui import done, nav_entry


def scopes_said(scopes: Iterable[str]) -> list[tuple[str, list[tuple[str, str]]]]:
    """(room, [(permission, what it lets one do)]) of what a token may do."""
    return [(room, [(one, deed_of(one)) for one in those]) for room, those in by_room(scopes)]


@allow("tokens.use")
def tokens(request: HttpRequest) -> HttpResponse:
    """One's own tokens, and the form for a new one."""
    actor, now = actor_of(request), timezone.now()
    form = TokenForm(request.POST or None, actor=actor)
    secret = ""
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            staff: Any = request.user
            _row, secret = create_token(staff=staff, name=data["name"], scopes=data["scopes"], by=actor, at=now,
                                        expires_at=now + timedelta(days=data["days"]))  # fmt: skip
            form = TokenForm(actor=actor)
        except ValidationError as error:
            for texts in error.message_dict.values():
                form.add_error(None, " ".join(texts))
    mine = ApiToken.objects.filter(staff=actor.user_id)
    context = {
        "tokens": [(row, row.usable(at=now), scopes_said(row.scopes)) for row in mine],
        "form": form,
        "secret": secret,
    }
    return render(request, "access/tokens.html", context, status=422 if form.errors else 200)


@allow("tokens.use")
@require_POST
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Stop one of one's own tokens."""
    actor = actor_of(request)
    token = get_object_or_404(ApiToken, pk=pk, staff_id=actor.user_id)
    revoke_token(token=token, by=actor, at=timezone.now())
    return done(request, _("The token is refused from now on."), to=reverse("access:tokens"))


nav_entry("tokens", title=gettext_lazy("API tokens"), url="access:tokens", section="settings",
          permission="tokens.use", icon="key")  # fmt: skip
