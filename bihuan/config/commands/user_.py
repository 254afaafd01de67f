"""`bihuan user`."""

import sys

import click

from bihuan.config.home import in_home, note

ROLES = ("admin", "manager", "operator", "sales", "service", "marketer", "analyst", "partner")


@click.group()
def command() -> None:
    """Add people who can sign in, and help them back in."""


@command.command()
@click.argument("username")
@click.option("--name", default="", help="Full name; the sign-in name when not given.")
@click.option("--role", "roles", multiple=True, type=click.Choice(ROLES), default=("admin",), show_default=True,
              help="What they may do; may be given more than once.")  # fmt: skip
@click.option("--reach", type=click.Choice(["own", "team", "region", "all"]), default="all", show_default=True,
              help="Whose customers they see.")  # fmt: skip
@click.option("--region", "regions", multiple=True, help="Code of a region, for --reach region.")
@click.option("--email", default="", help="Where to reach them.")
@click.option("--password-stdin", is_flag=True, help="Read the password from stdin instead of asking.")
@in_home
def add(
    username: str, name: str, roles: tuple[str, ...], reach: str, regions: tuple[str, ...], email: str,
    password_stdin: bool,
) -> None:  # fmt: skip
    """Add a member of staff who signs in with a password (at least 10 characters, not a common one)."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.know.staff.actions import add_staff
    from bihuan.know.staff.models import Region

    stored = list(Region.objects.filter(code__in=regions))
    if missing := set(regions) - {region.code for region in stored}:
        raise click.ClickException(f"No region has the code {sorted(missing)[0]!r}.")
    if password_stdin:
        password = sys.stdin.readline().rstrip("\n")
    else:
        password = ask_for_password()
    add_staff(username=username, name=name or username, roles=roles, reach=reach, email=email,
              password=password, regions=stored, by=system_actor("command line"), at=timezone.now())  # fmt: skip
    note(f"{username} can sign in.")


def ask_for_password() -> str:
    """Asked for twice. Without a terminal and without an answer it is said how a program gives one."""
    try:
        return str(click.prompt("Password", hide_input=True, confirmation_prompt=True, err=True))
    except click.Abort:
        if sys.stdin.isatty():
            raise
        raise click.ClickException(
            "There is no terminal to ask for the password on. Give it on stdin: "
            "echo 'the password' | bihuan user add NAME --password-stdin"
        ) from None


@command.command()
@click.argument("username")
@in_home
def link(username: str) -> None:
    """Print a path that signs this person in once, within twelve hours."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.base.access.actions import create_sign_in_link
    from bihuan.know.staff.models import Staff

    staff = Staff.objects.filter(username=username, is_active=True).first()
    if staff is None:
        raise click.ClickException(f"Nobody active signs in as {username!r}. `bihuan user list` shows them.")
    secret = create_sign_in_link(staff=staff, by=system_actor("command line"), at=timezone.now())
    click.echo(f"/sign-in/{secret}/")


@command.command("list")
@in_home
def show() -> None:
    """List who can sign in: name, roles, territory."""
    from bihuan.know.staff.models import Staff

    for staff in Staff.objects.order_by("username"):
        state = "" if staff.is_active else "\tinactive"
        click.echo(f"{staff.username}\t{staff.name}\t{','.join(staff.roles)}\t{staff.reach}{state}")
