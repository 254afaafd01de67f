"""Numbers about the running house for Prometheus: counters that are counted up, gauges that are asked at each scrape."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily

log = logging.getLogger(__name__)
Values = Mapping[tuple[str, ...], float]
registry = CollectorRegistry()
_gauges: dict[str, tuple[str, Sequence[str], Callable[[], Values]]] = {}


def counter(name: str, text: str, *, labels: Sequence[str] = ()) -> Counter:
    """A number that only grows while this process lives; its name begins with `bihuan_`."""
    return Counter(name, text, labels, registry=registry)


def histogram(name: str, text: str, *, buckets: Sequence[float], labels: Sequence[str] = ()) -> Histogram:
    """How values are spread, with these upper bounds."""
    return Histogram(name, text, labels, buckets=buckets, registry=registry)


def gauge(
    name: str, text: str, *, labels: Sequence[str] = ()
) -> Callable[[Callable[[], Values]], Callable[[], Values]]:
    """Register a function that says the present values by their labels; it is asked at each scrape."""

    def register(ask: Callable[[], Values]) -> Callable[[], Values]:
        if name in _gauges:
            raise ValueError(f"two gauges are called {name!r}")
        _gauges[name] = (text, labels, ask)
        return ask

    return register


def exposition() -> bytes:
    """Everything in Prometheus's text format."""
    return generate_latest(registry)


class _Asked:
    """The gauges; one that fails is left out and logged, the others still answer."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Each gauge with its values."""
        for name, (text, labels, ask) in _gauges.items():
            try:
                values = ask()
            except Exception:
                log.exception("the gauge %s could not be read", name)
                continue
            family = GaugeMetricFamily(name, text, labels=labels)
            for of, value in values.items():
                family.add_metric(of, value)
            yield family

    def describe(self) -> list[GaugeMetricFamily]:
        """Nothing beforehand: asking would need the database."""
        return []


registry.register(_Asked())  # type: ignore[arg-type]  # a collector is anything with `collect`
