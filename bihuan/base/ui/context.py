"""What the shell needs on every page."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import get_language

from bihuan.base.access import actor_of
from bihuan.base.ui.nav import navigation, navigation_key, notices, opened_in, phone_links

THEMES = ("auto", "light", "dark")
DENSITIES = ("comfortable", "compact")


def shell(request: HttpRequest) -> dict[str, Any]:
    """`ui` for the templates: actor, navigation, look, language, labels; computed when used."""
    return {"ui": SimpleLazyObject(lambda: frame(request))}


def frame(request: HttpRequest) -> dict[str, Any]:
    """The frame as this reader has it."""
    actor = actor_of(request)
    signed_in = actor.kind != "nobody"
    opened = opened_in(request.COOKIES.get("nav_open", ""))
    sections: Any = SimpleLazyObject(
        lambda: navigation(actor, path=request.path, opened=opened) if signed_in else []
    )
    return {
        "actor": actor,
        "signed_in": signed_in,
        "sections": sections,
        "sections_key": navigation_key(actor, path=request.path, opened=opened) if signed_in else "",
        "sections_open": ".".join(opened),
        "phone": SimpleLazyObject(lambda: phone_links(sections)),
        "theme": remembered(request, "theme", THEMES),
        "density": remembered(request, "density", DENSITIES),
        "language": get_language() or settings.LANGUAGE_CODE,
        "languages": settings.LANGUAGES,
        "narrow": request.COOKIES.get("nav") == "narrow",
        "notices": notices(request) if signed_in else [],
        "person": getattr(request, "user", None),
    }


def remembered(request: HttpRequest, name: str, known: tuple[str, ...]) -> str:
    """A preference: this browser's cookie, else the person's, else the first."""
    for value in (request.COOKIES.get(name, ""), getattr(getattr(request, "user", None), name, "")):
        if value in known:
            return str(value)
    return known[0]
