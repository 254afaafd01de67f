"""What a person likes: theme, density, language, kept with the person."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_POST

from bihuan.base.access import actor_of, allow
from bihuan.know.staff.models import Staff
from bihuan.site.forms import PreferencesForm


@allow("preferences.edit")
@require_POST
def preferences(request: HttpRequest) -> HttpResponse:
    """Keep what came; nothing else changes."""
    form = PreferencesForm(request.POST)
    if form.is_valid():
        liked = {name: value for name, value in form.cleaned_data.items() if value}
        if liked:
            Staff.objects.filter(pk=actor_of(request).user_id or 0).update(**liked)
    return HttpResponse(status=204)
