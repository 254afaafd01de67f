"""What a person likes: theme, density, language, kept with the person."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from bihuan.base.access import actor_of, allow
from bihuan.know.staff.actions import keep_preferences
from bihuan.site.forms import PreferencesForm


@allow("preferences.edit")
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what came; nothing else changes."""
    form = PreferencesForm(request.POST)
    if form.is_valid():
        liked = {name: value for name, value in form.cleaned_data.items() if value}
        if liked:
            keep_preferences(by=actor_of(request), **liked)
    return HttpResponse(status=204)
