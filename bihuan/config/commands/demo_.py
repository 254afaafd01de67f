"""`bihuan demo`."""

import click

from bihuan.config.home import note, open_home

SHOWN = (
    ("admin", "administers everything"),
    ("manager", "leads the teams, sees all customers"),
    ("operator", "runs customer operations"),
    ("sales", "sells in one region, sees its customers only"),
    ("service", "answers tickets"),
    ("marketer", "runs marketing"),
    ("analyst", "analyses, changes nothing"),
    ("partner", "an outside partner with customers of their own"),
)


@click.command()
@click.option("--host", default="127.0.0.1", envvar="HOST", show_default=True, help="Address to listen on.")
@click.option("--port", default=8000, envvar="PORT", show_default=True, help="Port to listen on.")
@click.option("--accounts", default=300, show_default=True, type=click.IntRange(10, 20_000),
              help="How many customers to simulate on first use.")  # fmt: skip
def command(host: str, port: int, accounts: int) -> None:
    """Set up the simulated company on first use, print a one-time sign-in for each role, and serve."""
    from bihuan.config.commands.serve_ import check_free, serve

    check_free(host=host, port=port)
    open_home()
    prepare(accounts=accounts)
    shown = f"[{host}]" if ":" in host else host
    print_sign_ins(base=f"http://{shown}:{port}")
    serve(host=host, port=port)


def prepare(*, accounts: int) -> None:
    """Simulate when there are no accounts yet: an installation with accounts is served as it is."""
    from django.utils import timezone

    from bihuan.config.company import fill
    from bihuan.know.accounts.models import Account

    if not Account.objects.exists():
        now = timezone.now()
        fill(
            accounts=accounts, days=365, seed=7, until=timezone.localdate(now), at=now, events=None, say=note
        )


def print_sign_ins(*, base: str) -> None:
    """One link per role; each signs in once."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.base.access.actions import create_sign_in_link
    from bihuan.know.staff.models import Staff

    now = timezone.now()
    staff = list(Staff.objects.filter(is_active=True).order_by("pk"))
    click.echo(f"\nBihuan 闭环  {base}\n\nOne-time sign-in for each demo role:")
    for role, what in SHOWN:
        person = next((one for one in staff if role in one.roles), None)
        if person is None:
            continue
        secret = create_sign_in_link(staff=person, by=system_actor("demo"), at=now)
        click.echo(f"  {role:9} {what} ({person.name})\n            {base}/sign-in/{secret}/")
    click.echo("\nThe company is simulated; every page says so. Ctrl-C stops the server.\n")
