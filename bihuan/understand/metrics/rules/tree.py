"""The metric tree: a core metric, what drives it, and what each driver at any depth contributed to the core's change."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from bihuan.understand.metrics.rules.contribution import Division, How, Pair, divide


@dataclass(frozen=True, kw_only=True)
class Branch:
    """A metric that is the product or the sum of its drivers; other metrics are leaves."""

    how: How
    drivers: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Share:
    """A metric at its place in the tree. `to_parent` and `to_core` are its part in the change of the metric it drives and of
    the core, in their units; None below a change that cannot be divided. `weight` is what one unit of its change is in the
    core. `division` is that of its own drivers."""

    key: str
    path: tuple[str, ...]
    to_parent: float | None
    to_core: float | None
    weight: float | None
    division: Division | None

    @property
    def depth(self) -> int:
        """0 for the core."""
        return len(self.path) - 1


def roots_of(branches: Mapping[str, Branch]) -> list[str]:
    """The core metrics: those that have drivers and drive nothing, in order."""
    driving = {driver for branch in branches.values() for driver in branch.drivers}
    return [key for key in branches if key not in driving]


def walk(core: str, branches: Mapping[str, Branch], path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every metric of the tree, each metric before its drivers; ValueError where one drives itself."""
    here = (*path, core)
    if core in path:
        raise ValueError(" ← ".join(here))
    yield here
    for driver in branches[core].drivers if core in branches else ():
        yield from walk(driver, branches, here)


def shares_of(*, core: str, branches: Mapping[str, Branch], values: Mapping[str, Pair]) -> list[Share]:
    """The tree from the core down. The parts of the deepest metrics that could be divided, with the rests above them, each
    times the weights on its path, add up to the core's change."""
    found: dict[tuple[str, ...], Share] = {}
    weights: dict[tuple[str, ...], float | None] = {}
    for path in walk(core, branches):
        key, above = path[-1], found.get(path[:-1])
        pair = values.get(key, Pair(before=None, now=None))
        division = None
        if key in branches:
            drivers = {
                driver: values.get(driver, Pair(before=None, now=None)) for driver in branches[key].drivers
            }
            division = divide(how=branches[key].how, whole=pair, drivers=drivers)
        if above is None:
            weights[path], to_parent = 1.0, None
        else:
            assert above.division is not None
            to_parent = above.division.parts.get(key)
            weight, upper = above.division.weights.get(key), weights[path[:-1]]
            weights[path] = None if weight is None or upper is None else weight * upper
        own = weights[path]
        to_core = None if own is None or pair.change is None else own * pair.change
        found[path] = Share(
            key=key, path=path, to_parent=to_parent, to_core=to_core, weight=own, division=division
        )
    return list(found.values())
