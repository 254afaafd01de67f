"""A message by hand: whom, what, on which channel; first who gets it and who does not, and why; then it is sent."""

from typing import Any
from uuid import uuid4

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import ngettext

from bihuan.act.reach import actions
from bihuan.act.reach.forms import ComposeForm
from bihuan.act.reach.queries import Audience, audience_of, rendered
from bihuan.base.access import actor_of, allow
from bihuan.base.ui import done, put_errors


@allow("reach.send")
def compose(request: HttpRequest) -> HttpResponse:
    """The form; a preview with numbers; the sending, which the preview's own key keeps from happening twice."""
    actor, now = actor_of(request), timezone.now()
    found: Audience | None = None
    if request.method != "POST":
        initial = {name: request.GET.get(name, "") for name in ("account", "segment", "channel", "template")}
        return _page(request, ComposeForm(initial=initial, actor=actor), None)
    form = ComposeForm(request.POST, actor=actor)
    if form.is_valid():
        try:
            found = audience_of(actor=actor, at=now, **form.wanted)
            if request.POST.get("do") == "send" and form.cleaned_data["key"] and found.chosen:
                said = form.cleaned_data
                n = actions.send_to_all(
                    chosen=found.chosen, key=said["key"], channel=said["channel"], template=said["template"], by=actor, at=now,
                    only=found.only,
                )  # fmt: skip
                text = ngettext("%(n)d message is on its way.", "%(n)d messages are on their way.", n) % {
                    "n": n
                }
                there = urlencode({"origin": f"hand:{said['key']}"})
                return done(request, text, to=f"{reverse('reach:messages')}?{there}")
        except ValidationError as error:
            put_errors(form, error)
            found = None
    return _page(request, form, found)


def _page(request: HttpRequest, form: ComposeForm, found: Audience | None) -> HttpResponse:
    context: dict[str, Any] = {"form": form, "found": found, "key": uuid4().hex}
    if found is not None and found.chosen:
        first, template = found.chosen[0], form.cleaned_data["template"]
        context["sample"] = rendered(
            template=template, account=first.account, person=first.person, my_name=actor_of(request).name
        )
        context["first"], context["template"] = first, template
    return render(request, "reach/compose.html", context, status=422 if form.errors else 200)
