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

    def see(self, distinct_id, *, ts: datetime = MAY, company=None, at: datetime = NOW, **said) -> Resolved:
        return self.all(Sighting(distinct_id=distinct_id, **said), ts=ts, company=company, at=at)[0]

    def all(
        self, *sightings: Sighting, ts: datetime = MAY, company=None, at: datetime = NOW
    ) -> list[Resolved]:
        ids = [one.distinct_id for one in sightings]
        told = {n: one for n, one in enumerate(sightings) if one != Sighting(distinct_id=one.distinct_id)}
        people = self.resolver.people(product_id=self.product_id, ids=ids, said=told, at=at)
        accounts = self.resolver.accounts(
            product_id=self.product_id, companies=[company] * len(ids), people=people,
            times=[int(ts.timestamp() * 1_000_000)] * len(ids), at=at,
        )  # fmt: skip
        return [Resolved(person_id=p, account_id=a) for p, a in zip(people, accounts, strict=True)]


@pytest.fixture
def product(db):
    return add_product(name="Demo", by=SYSTEM, at=NOW)


@pytest.fixture
def scene(product, event_home) -> Scene:
    return Scene(product.pk)


LATER = NOW + timedelta(minutes=1)
