"""Sign-in, sign-out, one-time links, password change."""

from typing import Any

from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST

from bihuan.base.access.actions import (
    change_password,
    record_failed_sign_in,
    record_sign_in,
    use_sign_in_link,
)
from bihuan.base.access.actor import actor_of, system_actor
from bihuan.base.access.forms import PasswordForm, SignInForm
from bihuan.base.access.guard import allow, public

BY_LINK = "django.contrib.auth.backends.ModelBackend"


@public
@sensitive_post_parameters("password")
def sign_in(request: HttpRequest) -> HttpResponseBase:
    """The sign-in page; five wrong tries lock the name from this address for a quarter of an hour."""
    form = SignInForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        name, now = form.cleaned_data["username"], timezone.now()
        staff: Any = authenticate(request, username=name, password=form.cleaned_data["password"])
        if staff is not None:
            login(request, staff)
            record_sign_in(staff=staff, at=now)
            return HttpResponseRedirect(_next_page(request))
        record_failed_sign_in(username=name, by=system_actor("sign-in"), at=now)
        form.add_error(None, _("The name or the password is wrong."))
    status = 422 if form.errors else 200
    return render(request, "access/sign_in.html", {"form": form, "next": _next_page(request)}, status=status)


def _next_page(request: HttpRequest) -> str:
    """Where the person wanted to go, if that is one of our pages."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    ):
        return wanted
    return settings.LOGIN_REDIRECT_URL


@public
def sign_in_by_link(request: HttpRequest, secret: str) -> HttpResponseBase:
    """A one-time link: a button, so that a mail scanner or preview does not spend it."""
    if request.method != "POST":
        return render(request, "access/sign_in_link.html")
    now = timezone.now()
    staff = use_sign_in_link(secret=secret, at=now)
    if staff is None:
        return render(request, "access/sign_in_link.html", {"spent": True}, status=410)
    login(request, staff, backend=BY_LINK)
    record_sign_in(staff=staff, at=now)
    return redirect(settings.LOGIN_REDIRECT_URL)


@public
@require_POST
def sign_out(request: HttpRequest) -> HttpResponseBase:
    """End the session."""
    logout(request)
    return redirect("access:sign_in")


@allow("own.settings")
@sensitive_post_parameters()
def password(request: HttpRequest) -> HttpResponseBase:
    """Change one's own password; other sessions end."""
    staff: Any = request.user
    form = PasswordForm(staff, request.POST or None)
    if request.method == "POST" and form.is_valid():
        change_password(
            staff=staff, password=form.cleaned_data["new_password1"], by=actor_of(request), at=timezone.now()
        )
        update_session_auth_hash(request, staff)
        return redirect(reverse("access:password") + "?changed=1")
    return render(request, "access/password.html", {"form": form, "changed": "changed" in request.GET},
                  status=422 if form.errors else 200)  # fmt: skip


def locked_out(
    request: HttpRequest, response: Any = None, credentials: Any = None, *args: Any
) -> HttpResponse:
    """Too many wrong tries."""
    minutes = round(60 * settings.AXES_COOLOFF_TIME)
    return render(request, "access/locked_out.html", {"minutes": minutes}, status=429)
