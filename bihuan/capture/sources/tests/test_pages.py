"""Sources in the browser."""

import re

from bihuan.capture.sources.models import Source
from bihuan.capture.sources.queries import KeyRing
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM


def test_an_operator_adds_a_source_and_sees_its_key_once(cast, event_home) -> None:
    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    client = cast.client("oli")
    page = client.post("/sources/new/", {"code": "web", "name": "", "product": product.pk})
    [key] = set(re.findall(r"bhw_[\w-]{32}", page.content.decode()))
    assert KeyRing().sender(key)
    assert page["Cache-Control"] == "no-store"
    source = Source.objects.get(code="web")
    for address in ("/sources/", f"/sources/{source.pk}/"):
        shown = client.get(address)
        assert shown.status_code == 200
        assert key not in shown.content.decode()
    assert client.post("/sources/new/", {"code": "web", "product": product.pk}).status_code == 200
    assert Source.objects.filter(code="web").count() == 1


def test_rotating_renaming_and_revoking(cast, event_home) -> None:
    product = add_product(name="Demo", by=SYSTEM, at=NOW)
    client = cast.client("root")
    client.post("/sources/new/", {"code": "web", "product": product.pk})
    source = Source.objects.get(code="web")
    for step in ("rename", "key", "revoke"):
        assert client.get(f"/sources/{source.pk}/{step}/").status_code == 200
    old = source.key_hash
    client.post(f"/sources/{source.pk}/key/", {})
    source.refresh_from_db()
    assert source.key_hash == old, "without the tick nothing happens"
    assert "bhw_" in client.post(f"/sources/{source.pk}/key/", {"sure": "on"}).content.decode()
    client.post(f"/sources/{source.pk}/rename/", {"name": "Web app"})
    client.post(f"/sources/{source.pk}/revoke/", {"sure": "on"})
    source.refresh_from_db()
    assert (source.key_hash != old, source.name, source.active) == (True, "Web app", False)


def test_others_may_look_and_not_change(cast, event_home) -> None:
    assert cast.client("song").get("/sources/").status_code == 200
    assert cast.client("song").get("/sources/new/").status_code == 403
    assert cast.client("pan").get("/sources/").status_code == 403
