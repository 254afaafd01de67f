"""Addresses of the access room."""

from django.urls import path

from bihuan.base.access import pages, tokens

app_name = "access"
urlpatterns = [
    path("sign-in/", pages.sign_in, name="sign_in"),
    path("sign-in/<str:secret>/", pages.sign_in_by_link, name="sign_in_link"),
    path("sign-out/", pages.sign_out, name="sign_out"),
    path("settings/password/", pages.password, name="password"),
    path("settings/tokens/", tokens.tokens, name="tokens"),
    path("settings/tokens/<int:pk>/revoke/", tokens.revoke, name="revoke"),
]
