"""API tokens and one-time sign-ins: secrets shown once and kept as hashes; a token's scopes can only narrow roles."""

import hashlib
import secrets
from datetime import datetime

from django.conf import settings
from django.db import models

PREFIX = "bh_"


def hash_of(secret: str) -> str:
    """SHA-256 of a token, hex. Tokens are 256 random bits, so a slow hash would add nothing."""
    return hashlib.sha256(secret.encode()).hexdigest()


def new_secret() -> str:
    """A fresh token with 256 random bits."""
    return PREFIX + secrets.token_urlsafe(32)


class ApiToken(models.Model):
    """One key of one member of staff, for programs."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=80)
    hashed = models.CharField(max_length=64, unique=True)
    hint = models.CharField(max_length=12)
    scopes = models.JSONField(default=list)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.hint}…)"

    def usable(self, *, at: datetime) -> bool:
        """Neither revoked nor expired."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


class SignInLink(models.Model):
    """A sign-in that works once: for a new colleague, a forgotten password, the demo."""

    staff = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    hashed = models.CharField(max_length=64, unique=True)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
