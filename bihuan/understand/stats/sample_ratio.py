"""The check that stands above every result: did each variant get its share of units?"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from scipy.special import chdtrc

FLAG_BELOW = 0.01


@dataclass(frozen=True, kw_only=True)
class SampleRatio:
    """χ² over the variants; `flagged` at p < 0.01: then something in assignment or tracking is broken, and the
    results below are not to be trusted."""

    observed: dict[str, int]
    expected: dict[str, float]
    statistic: float
    p_value: float
    flagged: bool


def sample_ratio(*, observed: Mapping[str, int], weights: Mapping[str, float]) -> SampleRatio:
    """Units of each variant against their weights: χ² = Σ (o − e)²/e with one degree less than variants. Pearson (1900).

    A variant that nobody was assigned to counts as 0. Fabijan et al. (2019), "Diagnosing Sample Ratio Mismatch in
    Online Controlled Experiments", KDD.
    """
    units, whole = sum(observed.get(name, 0) for name in weights), sum(weights.values())
    expected = {name: units * weight / whole for name, weight in weights.items()}
    counted = {name: observed.get(name, 0) for name in weights}
    statistic = sum((counted[name] - e) ** 2 / e for name, e in expected.items() if e > 0)
    p_value = float(chdtrc(len(weights) - 1, statistic)) if len(weights) > 1 and units else 1.0
    return SampleRatio(
        observed=counted,
        expected=expected,
        statistic=statistic,
        p_value=p_value,
        flagged=p_value < FLAG_BELOW,
    )


def in_one_variant(rows: pa.Table, *, unit: str = "unit", variant: str = "variant") -> tuple[pa.Table, int]:
    """The rows of units that were seen in one variant only, and how many units were seen in several."""
    seen = rows.group_by(unit).aggregate([(variant, "count_distinct")])
    doubled = seen.filter(pc.greater(seen[f"{variant}_count_distinct"], 1))[unit]
    kept = rows.filter(pc.invert(pc.is_in(rows[unit], value_set=doubled.combine_chunks())))
    return kept, len(doubled)


def counted(values: pa.ChunkedArray | pa.Array) -> dict[str, int]:
    """How often each value occurs."""
    names, counts = np.unique(np.asarray(values.to_pylist(), dtype=str), return_counts=True)
    return dict(zip(names.tolist(), counts.tolist(), strict=True))
