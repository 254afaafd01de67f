"""The rights of a person about their data: a copy of all of it, and its erasure."""

import json
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import FormPage
from bihuan.know.accounts.actions import ask_to_erase
from bihuan.know.accounts.forms import EraseForm
from bihuan.know.accounts.models import Person
from bihuan.know.accounts.queries import everything_kept


@allow("personal.manage")
def personal_data(request: HttpRequest, pk: int) -> HttpResponse:
    """Everything that is kept of this person, as one JSON file."""
    person = get_object_or_404(Person.objects.visible_to(actor_of(request)), pk=pk)
    text = json.dumps(everything_kept(person.pk), ensure_ascii=False, indent=1, cls=DjangoJSONEncoder)
    answer = HttpResponse(text, content_type="application/json; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="person-{person.pk}.json"'
    return answer


class ErasePerson(FormPage):
    """Erase a person and everything that is kept of them."""

    name = "person-erase"
    title = gettext_lazy("Erase this person")
    permission = "personal.manage"
    form = EraseForm
    about = Person

    def options(self, *, subject: Any, actor: Actor, request: HttpRequest) -> dict[str, Any]:
        """The number that has to be typed."""
        return {"person": subject}

    def save(self, *, form: Any, subject: Any, by: Actor, at: Any) -> tuple[str, str]:
        """Queue it: rewriting the log of events takes its time."""
        ask_to_erase(person=subject, reason=form.cleaned_data["reason"], by=by, at=at)
        return _("The person is being erased; the audit says when it is done."), reverse("accounts:people")
