"""`bihuan source`."""

import click

from bihuan.config.home import in_home, note


@click.group()
def command() -> None:
    """Manage where events come from: each source has a product and a write key."""


@command.command()
@click.argument("code")
@click.option("--product", required=True, help="Name or code of the product; it is added when there is none.")
@click.option("--name", default="", help="A name for people; the code when not given.")
@in_home
def add(code: str, product: str, name: str) -> None:
    """Add a source and print its write key, and nothing else, on stdout. The key is shown once."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.capture.sources.actions import add_source
    from bihuan.know.products.actions import get_or_add_product

    by, at = system_actor("command line"), timezone.now()
    found = get_or_add_product(name=product, by=by, at=at)
    _source, key = add_source(code=code, name=name or code, product=found, by=by, at=at)
    click.echo(key)


@command.command("list")
@in_home
def list_() -> None:
    """List the sources: code, product, state, hint of the key."""
    from bihuan.capture.sources.models import Source

    rows = Source.objects.exclude(kind=Source.Kind.INTERNAL).select_related("product").order_by("code")
    for row in rows:
        state = "active" if row.active else "revoked"
        click.echo(f"{row.code}\t{row.product.name if row.product else '-'}\t{state}\t{row.key_hint}…")
    if not rows:
        note("No sources yet. Add one: bihuan source add web --product Demo")


@command.command()
@click.argument("code")
@in_home
def revoke(code: str) -> None:
    """Stop a source: its key is refused from now on; its events stay."""
    from django.utils import timezone

    from bihuan.base.access import system_actor
    from bihuan.capture.sources.actions import revoke_source
    from bihuan.capture.sources.models import Source

    source = Source.objects.filter(code=code).first()
    if source is None:
        raise click.ClickException(f"No source is called {code!r}. `bihuan source list` shows them.")
    revoke_source(source=source, by=system_actor("command line"), at=timezone.now())
    note(f"The key of {code} is refused from now on.")
