"""Every fact of the bus becomes an event; imports of people let waiting ids find their person."""

from bihuan.base.bus import Delivery, Fact, reaction
from bihuan.capture.ingest.actions.facts import FactRecord, record_facts


@reaction()
def record(fact: Fact, *, context: Delivery) -> None:
    """Idempotent by the fact's own id."""
    record_facts(
        facts=[
            FactRecord(
                uid=str(context.uid),
                name=fact.name,
                at=context.at,
                actor_name=context.actor_name,
                payload=fact.payload(),
            )
        ]
    )
