"""Staff: our own people. A member of staff is also the Django user who signs in."""

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from bihuan.base.access import Actor, Reach, Role

ROLE_TITLES = {
    Role.ADMIN: _("Administrator"),
    Role.MANAGER: _("Manager"),
    Role.OPERATOR: _("Operations"),
    Role.SALES: _("Sales"),
    Role.SERVICE: _("Service"),
    Role.MARKETER: _("Marketing"),
    Role.ANALYST: _("Analyst"),
    Role.PARTNER: _("Partner"),
}
REACH_TITLES = {
    Reach.OWN: _("Own customers"),
    Reach.TEAM: _("Customers of the team"),
    Reach.REGION: _("Customers of the regions"),
    Reach.ALL: _("All customers"),
}


class Region(models.Model):
    """A sales region; regions may nest."""

    code = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=80)
    parent = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="children"
    )

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Team(models.Model):
    """A group of staff who share their customers."""

    code = models.CharField(max_length=60, unique=True)
    name = models.CharField(max_length=80)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class StaffManager(BaseUserManager["Staff"]):
    """Creates staff who can sign in."""

    def create_user(self, username: str, password: str | None = None, **fields: Any) -> "Staff":
        """A member of staff; without a password they cannot sign in with one."""
        staff = self.model(username=username, **fields)
        staff.set_password(password)
        staff.full_clean(exclude=["password"])
        staff.save(using=self._db)
        return staff


def check_roles(value: Any) -> None:
    """A list of known roles."""
    unknown = [role for role in value if role not in set(Role)] if isinstance(value, list) else [value]
    if unknown:
        raise ValidationError(
            _("Unknown role: %(role)s. Use: %(roles)s.") % {"role": unknown[0], "roles": ", ".join(Role)}
        )


class Staff(AbstractBaseUser, PermissionsMixin):
    """One of our own people, with roles and a territory."""

    username = models.CharField(_("sign-in name"), max_length=60, unique=True)
    key = models.CharField(_("key"), max_length=80, unique=True, null=True, blank=True)
    name = models.CharField(_("name"), max_length=80)
    email = models.EmailField(_("e-mail"), blank=True)
    title = models.CharField(pgettext_lazy("job", "title"), max_length=80, blank=True)
    roles = models.JSONField(_("roles"), default=list, validators=[check_roles])
    reach = models.CharField(
        _("territory"), max_length=8, choices=list(REACH_TITLES.items()), default=Reach.OWN
    )
    team = models.ForeignKey(Team, verbose_name=_("team"), null=True, blank=True, on_delete=models.SET_NULL,
                             related_name="members")  # fmt: skip
    regions = models.ManyToManyField(Region, verbose_name=_("regions"), blank=True, related_name="+")
    is_active = models.BooleanField(_("active"), default=True)
    language = models.CharField(_("language"), max_length=10, blank=True)
    theme = models.CharField(max_length=8, default="auto")
    density = models.CharField(max_length=12, default="comfortable")

    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]
    objects = StaffManager()

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    @property
    def role_titles(self) -> list[str]:
        """The roles in the reader's language."""
        return [str(ROLE_TITLES[Role(role)]) for role in self.roles]

    def actor(self) -> Actor:
        """This member of staff as the actor of a request."""
        regions: frozenset[int] = frozenset()
        if self.reach == Reach.REGION:
            regions = with_children(set(self.regions.values_list("pk", flat=True)))
        return Actor(
            name=self.name or self.username,
            user_id=self.pk,
            roles=frozenset(Role(role) for role in self.roles),
            reach=Reach(self.reach),
            team_id=self.team_id,
            region_ids=regions,
        )


def with_children(region_ids: set[int]) -> frozenset[int]:
    """The regions and everything below them."""
    reached = set(region_ids)
    frontier = reached
    while frontier:
        below = set(Region.objects.filter(parent_id__in=frontier).values_list("pk", flat=True))
        frontier = below - reached
        reached |= below
    return frozenset(reached)
