"""Root addresses: each app's urls.py under its own prefix; the site puts the rooms together at the root."""

from importlib import import_module
from importlib.util import find_spec

from django.conf import settings
from django.urls import URLPattern, URLResolver, include, path

from bihuan.site.api import api

urlpatterns: list[URLPattern | URLResolver] = [
    path("i18n/", include("django.conf.urls.i18n")),
    path("api/v1/", api.urls),
]
for app in settings.HOUSE_APPS:
    if find_spec(f"{app}.urls") is not None:
        prefix = getattr(import_module(f"{app}.urls"), "prefix", "")
        urlpatterns.append(path(prefix, include(f"{app}.urls")))

handler400 = "bihuan.base.ui.errors.bad_request"
handler403 = "bihuan.base.ui.errors.permission_denied"
handler404 = "bihuan.base.ui.errors.page_not_found"
handler500 = "bihuan.base.ui.errors.server_error"
