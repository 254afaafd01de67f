"""Sources and their keys."""

import time

import pytest
from django.core.exceptions import ValidationError

from bihuan.base.bus.models import OutboxFact
from bihuan.capture.sources import actions
from bihuan.capture.sources.models import Source
from bihuan.capture.sources.queries import KeyRing, sources_for
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM


@pytest.fixture(autouse=True)
def _bihuan_itself(db):
    """The migration's own row: a test with real transactions empties every table when it ends."""
    own = {"code": "bihuan", "name": "Bihuan", "kind": "internal", "created_at": NOW}
    Source.objects.get_or_create(pk=0, defaults=own)


@pytest.fixture
def product(db):
    return add_product(name="Demo", by=SYSTEM, at=NOW)


@pytest.fixture
def web(product):
    return actions.add_source(code="web", product=product, by=SYSTEM, at=NOW)


def test_it_works(web, product) -> None:
    source, key = web
    assert (source.name, source.active, source.product) == ("web", True, product)
    sender = KeyRing().sender(key)
    assert sender is not None
    assert (sender.source_id, sender.product_id) == (source.pk, product.pk)


def test_the_key_is_kept_nowhere(web) -> None:
    _source, key = web
    for model in (Source, OutboxFact):
        assert key not in str(list(model.objects.values()))


def test_a_new_key_replaces_the_old_one(web) -> None:
    source, old = web
    new = actions.rotate_key(source=source, by=SYSTEM, at=NOW)
    assert KeyRing().sender(old) is None
    assert KeyRing().sender(new) is not None


def test_a_revoked_key_is_refused_and_revoking_twice_is_one_fact(web) -> None:
    source, key = web
    for _time in range(2):
        actions.revoke_source(source=source, by=SYSTEM, at=NOW)
    assert not source.active
    assert KeyRing().sender(key) is None
    assert OutboxFact.objects.filter(name="source_revoked").count() == 1


def test_a_ring_that_is_open_learns_of_new_and_revoked_keys(web, product) -> None:
    source, key = web
    ring = KeyRing()
    assert ring.sender(key)
    _other, later = actions.add_source(code="app", product=product, by=SYSTEM, at=NOW)
    time.sleep(0.15)
    assert ring.sender(later)
    actions.revoke_source(source=source, by=SYSTEM, at=NOW)
    time.sleep(1.1)
    assert ring.remembered(key) is None
    assert ring.sender(key) is None


def test_codes_are_unique_plain_and_not_ours(web, product) -> None:
    for code in ("web", "bihuan", "a b", ""):
        with pytest.raises(ValidationError):
            actions.add_source(code=code, product=product, by=SYSTEM, at=NOW)


def test_an_import_source_is_made_once_and_has_no_key(product) -> None:
    first = actions.get_or_add_import_source(code="files", product=product, by=SYSTEM, at=NOW)
    assert actions.get_or_add_import_source(code="files", product=product, by=SYSTEM, at=NOW) == first
    assert first.key_hash is None
    with pytest.raises(ValidationError):
        actions.rotate_key(source=first, by=SYSTEM, at=NOW)


def test_bihuan_itself_is_source_zero_and_cannot_be_revoked(db) -> None:
    source = Source.objects.get(pk=0)
    actions.revoke_source(source=source, by=SYSTEM, at=NOW)
    assert (source.code, source.active) == ("bihuan", True)


def test_partners_see_no_sources(cast, web) -> None:
    assert sources_for(actor=cast.actor("pan")) == []
    assert len(sources_for(actor=cast.actor("mei"))) == 2
