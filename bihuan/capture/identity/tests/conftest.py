from datetime import UTC, datetime, timedelta

import pytest

from bihuan.capture.identity.actions import Resolved, Resolver, Sighting
from bihuan.know.products.actions import add_product
from tests.cast import NOW, SYSTEM

MAY = datetime(2026, 5, 4, 9, 0, tzinfo=UTC)


class Scene:
    """One product and a resolver with an empty memory: `see("u1", …)` resolves one sighting."""

    def __init__(self, product_id: int) -> None:
        self.product_id, self.resolver = product_id, Resolver()

    def see(self, distinct_id, *, at: datetime = NOW, **said) -> Resolved:
        return self.all(Sighting(distinct_id=distinct_id, ts=said.pop("ts", MAY), **said), at=at)[0]

    def all(self, *sightings: Sighting, at: datetime = NOW) -> list[Resolved]:
        return self.resolver.resolve(product_id=self.product_id, sightings=sightings, at=at)


@pytest.fixture
def product(db):
    return add_product(name="Demo", by=SYSTEM, at=NOW)


@pytest.fixture
def scene(product, event_home) -> Scene:
    return Scene(product.pk)


LATER = NOW + timedelta(minutes=1)
