"""Puts a simulated company into the house, through the same doors as an import."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from bihuan.base.access import Actor
from bihuan.base.importing import ImportCount, noun
from bihuan.capture.sources.actions import get_or_add_import_source
from bihuan.capture.store import get_store
from bihuan.know.accounts.models import Account, Person
from bihuan.know.products.models import Product
from bihuan.understand.experiments.actions import add_experiment, start_experiment, stop_experiment
from bihuan.understand.experiments.models import Experiment

from .arrays import Ints
from .company import ZONE, Company
from .events import EVENT_NAMES, EventChunk
from .people import person_key
from .trials import NAMES, TRIALS, Assigned, assign

SOURCE_CODE = "simulated"
BATCH = 5_000
WHOLE = ("accounts",)  # a row may name a parent anywhere in the table

Progress = Callable[[str, int, int], None]


@dataclass(kw_only=True)
class Loaded:
    """What loading did: a count per noun, events stored (0 the second time), the last place in the log."""

    nouns: dict[str, ImportCount] = field(default_factory=dict)
    events: int = 0
    seq: int = 0


def load_company(company: Company, *, by: Actor, at: datetime, progress: Progress | None = None) -> Loaded:
    """Load everything, experiments too; idempotent. A rejected row is an error in the simulator and raises ValueError."""
    loaded = Loaded()
    for name, table in company.tables.items():
        loaded.nouns[name] = _load_noun(name, table, by=by, at=at, progress=progress)
    product = Product.objects.get(code=company.product_codes[0])
    source_id = get_or_add_import_source(
        code=SOURCE_CODE, name="Simulated company", product=product, by=by, at=at
    ).pk
    to_arrow = _Events(company, source_id=source_id)
    store = get_store()
    done = 0
    for chunk in company.events():
        appended = store.append(to_arrow(chunk), chunk_key=f"{company.name}-{chunk.number}")
        loaded.events += appended.stored
        loaded.seq = max(loaded.seq, appended.seq)
        done += len(chunk)
        if progress:
            progress("events", done, max(done, company.expected_events))
    set_up_trials(company, product=product, by=by)
    return loaded


def set_up_trials(company: Company, *, product: Product, by: Actor) -> None:
    """The experiments that the company ran and runs, as if they had been planned and started when they were."""
    zone = ZoneInfo(ZONE)
    for trial in TRIALS:
        if Experiment.objects.filter(key=trial.key).exists():
            continue
        begins, ends = (
            datetime.combine(company.first + timedelta(days=day), time(), tzinfo=zone) for day in trial.days(company.days)
        )  # fmt: skip
        units = company.people if trial.unit == "person" else len(company.account_keys)
        row = add_experiment(
            key=trial.key, name=trial.name, hypothesis=trial.hypothesis, unit=trial.unit, method=trial.method,
            variants=trial.variants, metrics=trial.metrics, planned=max(round(trial.planned * units), 20),
            matters=trial.matters, product=product, by=by, at=begins - timedelta(days=3),
        )  # fmt: skip
        start_experiment(experiment=row, by=by, at=begins)
        if trial.ends:
            stop_experiment(experiment=row, chosen=trial.chosen, by=by, at=ends - timedelta(seconds=1))


def _load_noun(
    name: str, table: pa.Table, *, by: Actor, at: datetime, progress: Progress | None
) -> ImportCount:
    count = ImportCount()
    load = noun(name).load
    size = table.num_rows if name in WHOLE else BATCH
    for start in range(0, table.num_rows, max(1, size)):
        batch = load(rows=table.slice(start, size).to_pylist(), by=by, at=at)
        count.add(batch, offset=start)
        if progress:
            progress(name, min(start + size, table.num_rows), table.num_rows)
    if count.rejected:
        first = count.rejected[0]
        raise ValueError(
            f"simulated {name}, row {first.index}: {first.field} = {first.value!r} refused: {first.reason}"
        )
    return count


class _Events:
    """Turns chunks of numbers into the store's Arrow rows, with the ids that the records got."""

    def __init__(self, company: Company, *, source_id: int) -> None:
        self._source_id = source_id
        self._prefix = f"{company.name}-"
        accounts = dict(Account.objects.filter(simulated=True).values_list("key", "pk"))
        people = dict(Person.objects.filter(simulated=True).values_list("key", "pk"))
        products = dict(Product.objects.values_list("code", "pk"))
        keys = [person_key(n) for n in range(company.people)]
        self._accounts = _ids([accounts[key] for key in company.account_keys])
        self._people = _ids([people[key] for key in keys])
        self._products = _ids([products[code] for code in company.product_codes])
        self._person_keys = pa.array(keys)
        self._names = pa.array(EVENT_NAMES)
        self._props = pa.array(company.world.props.texts)
        self._trial_names = pa.array(NAMES)
        self._trials = list(assign(
            seed=company.seed, midnight=company.world.midnight, account_keys=company.account_keys, person_keys=keys,
        ))  # fmt: skip

    def __call__(self, chunk: EventChunk) -> pa.Table:
        """The chunk as the store takes it, with what its people saw and did in experiments."""
        return pa.concat_tables([self._events(chunk), *(self._trial(one, chunk) for one in self._trials)])

    def _trial(self, assigned: Assigned, chunk: EventChunk) -> pa.Table:
        rows = assigned.rows(chunk)
        size = len(rows)
        prefix = f"{self._prefix}{assigned.trial.key}-{chunk.number}-"
        return pa.table(
            {
                "event_id": pa.array([f"{prefix}{number}" for number in range(size)], pa.string()),
                "source_id": pa.array(np.full(size, self._source_id, dtype=np.int32)),
                "name": self._trial_names.take(pa.array(rows.name)),
                "ts": _instants(rows.ts),
                "received_at": _instants(rows.ts + 500_000),
                "distinct_id": self._person_keys.take(pa.array(rows.person)),
                "person_id": pa.array(self._people[rows.person]),
                "account_id": pa.array(self._accounts[rows.account]),
                "product_id": pa.array(np.full(size, self._products[0], dtype=np.int32)),
                "props": pa.array(rows.props, pa.string()),
            }
        )

    def _events(self, chunk: EventChunk) -> pa.Table:
        size = len(chunk)
        numbers = pa.array(np.arange(chunk.first_event, chunk.first_event + size))
        return pa.table(
            {
                "event_id": pc.binary_join_element_wise(self._prefix, numbers.cast(pa.string()), ""),
                "source_id": pa.array(np.full(size, self._source_id, dtype=np.int32)),
                "name": self._names.take(pa.array(chunk.name)),
                "ts": _instants(chunk.ts),
                "received_at": _instants(chunk.received),
                "distinct_id": self._person_keys.take(pa.array(chunk.person)),
                "person_id": pa.array(self._people[chunk.person]),
                "account_id": pa.array(self._accounts[chunk.account]),
                "product_id": pa.array(self._products[chunk.product].astype(np.int32)),
                "props": self._props.take(pa.array(chunk.props)),
            }
        )


def _ids(values: list[int]) -> Ints:
    return np.array(values, dtype=np.int64)


def _instants(micros: Ints) -> pa.Array:
    return pa.array(micros).cast(pa.timestamp("us", "UTC"))
