"""Scorers: log-odds from named numbers, as a document of plain numbers that can be kept, read and explained.

A document holds no code, so reading one back cannot run any. Missing numbers are allowed everywhere.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.understand.stats.moments import Floats

LEAST_ROWS, MOST_ROWS = 40, 200_000
TREES, LEAVES, RATE = 100, 6, 0.04
PENALTY = 0.3
TAIL = 0.005
MOST_FEATURES = 200
BEYOND = 1e300
_NODE = ("feature_idx", "num_threshold", "missing_go_to_left", "left", "right", "value", "is_leaf")


class UnreadableScorer(ValueError):
    """A document that is no scorer; the text says what is wrong."""


@dataclass(frozen=True, kw_only=True)
class Scorer:
    """`document` is plain JSON: kind (logistic or trees), features, typical (the median of each), low, high, and the weights or
    the trees."""

    document: Mapping[str, Any]

    @property
    def features(self) -> tuple[str, ...]:
        """Their names, in the order of columns."""
        return tuple(self.document["features"])

    @property
    def typical(self) -> Floats:
        """The median of each feature where it was learnt: what stands for a missing one, and what reasons compare with."""
        return np.asarray(self.document["typical"], dtype=np.float64)

    def log_odds(self, matrix: Floats) -> Floats:
        """One number a row; columns are in the order of `features`."""
        if self.document["kind"] == "logistic":
            return np.asarray(self._parts(matrix).sum(axis=1) + self.document["bias"], dtype=np.float64)
        total = np.full(len(matrix), float(self.document["bias"]))
        for tree in self.document["trees"]:
            total += _walk(tree, matrix)
        return total

    def contributions(self, matrix: Floats) -> Floats:
        """What each feature adds to the log-odds of each row against its typical value, the others as they are."""
        if self.document["kind"] == "logistic":
            return self._parts(matrix)
        whole, found = self.log_odds(matrix), np.zeros(matrix.shape)
        for place, typical in enumerate(self.typical):
            other = matrix.copy()
            other[:, place] = typical
            found[:, place] = whole - self.log_odds(other)
        return found

    def _parts(self, matrix: Floats) -> Floats:
        low, high = np.asarray(self.document["low"]), np.asarray(self.document["high"])
        known = np.where(np.isnan(matrix), self.typical, np.clip(matrix, low, high))
        weights = np.asarray(self.document["weights"]) / np.asarray(self.document["spread"])
        return np.asarray((known - self.typical) * weights, dtype=np.float64)


def fit_logistic(*, matrix: Floats, did: Any, features: Sequence[str], seed: int = 0) -> Scorer:
    """Ridge logistic regression on numbers cut at their 0.5 % tails and put in standard deviations from the median."""
    from sklearn.linear_model import LogisticRegression

    matrix, truth = _drawn(matrix, did, seed=seed)
    typical, low, high = _middle(matrix)
    known = np.where(np.isnan(matrix), typical, np.clip(matrix, low, high)) - typical
    spread = known.std(axis=0)
    spread[spread < 1e-12] = 1.0
    model = LogisticRegression(C=PENALTY, max_iter=300).fit(known / spread, truth)
    return Scorer(document={
        "kind": "logistic", "features": list(features), "typical": typical.tolist(), "low": low.tolist(),
        "high": high.tolist(), "spread": spread.tolist(), "weights": model.coef_[0].tolist(),
        "bias": float(model.intercept_[0]),
    })  # fmt: skip


def fit_trees(*, matrix: Floats, did: Any, features: Sequence[str], seed: int = 0) -> Scorer:
    """Gradient boosting of small trees by histograms (Ke et al. 2017, LightGBM, as scikit-learn has it)."""
    from sklearn.ensemble import HistGradientBoostingClassifier
    from threadpoolctl import threadpool_limits

    matrix, truth = _drawn(matrix, did, seed=seed)
    typical, low, high = _middle(matrix)
    model = HistGradientBoostingClassifier(
        max_iter=TREES, learning_rate=RATE, max_leaf_nodes=LEAVES, min_samples_leaf=max(20, len(truth) // 400),
        l2_regularization=1.0, early_stopping=False, random_state=seed,
    )  # fmt: skip
    # One thread: it trains beside a server, and threads that wait for a busy core cost ten times what they gain.
    with threadpool_limits(limits=1):
        model.fit(matrix, truth)
    trees = [[_node(node) for node in one[0].nodes] for one in model._predictors]
    return Scorer(document={
        "kind": "trees", "features": list(features), "typical": typical.tolist(), "low": low.tolist(), "high": high.tolist(),
        "bias": float(np.asarray(model._baseline_prediction).ravel()[0]), "trees": trees,
    })  # fmt: skip


def read_scorer(document: Any) -> Scorer:
    """A kept document, checked so that scoring cannot go astray; UnreadableScorer says what is wrong."""
    try:
        kind, size = document["kind"], len(document["features"])
        if kind not in ("logistic", "trees") or not 1 <= size <= MOST_FEATURES:
            raise UnreadableScorer(f"{kind!r} with {size} features is no scorer")
        lists = ("typical", "low", "high") + (("weights", "spread") if kind == "logistic" else ())
        numbers = [float(document["bias"])]
        for name in lists:
            if len(document[name]) != size:
                raise UnreadableScorer(f"{name} has {len(document[name])} numbers for {size} features")
            numbers += [float(value) for value in document[name]]
        if not np.isfinite(numbers).all():
            raise UnreadableScorer("a number is not finite")
        for tree in document.get("trees", ()) if kind == "trees" else ():
            _check_tree(tree, size)
    except (KeyError, TypeError) as error:
        raise UnreadableScorer(f"something is missing: {error}") from None
    return Scorer(document=document)


def _check_tree(tree: Any, size: int) -> None:
    """Branches lead onwards only, so a walk ends."""
    for place, (feature, threshold, _missing, left, right, value, leaf) in enumerate(tree):
        # PostgreSQL gives 1e300 back as a whole number of 301 digits.
        if not np.isfinite([float(threshold), float(value)]).all():
            raise UnreadableScorer("a number of a tree is not finite")
        if not leaf and not (place < left < len(tree) and place < right < len(tree) and 0 <= feature < size):
            raise UnreadableScorer("a branch of a tree leads nowhere")


def _walk(tree: Any, matrix: Floats) -> Floats:
    """The value of the leaf that each row comes to."""
    nodes = np.asarray(tree, dtype=np.float64)
    feature, left, right = (nodes[:, place].astype(np.int64) for place in (0, 3, 4))
    leaf, missing_left = nodes[:, 6] > 0, nodes[:, 2] > 0
    at, rows = np.zeros(len(matrix), dtype=np.int64), np.arange(len(matrix))
    for _level in range(len(nodes)):
        if leaf[at].all():
            break
        value = matrix[rows, feature[at]]
        goes_left = np.where(np.isnan(value), missing_left[at], value <= nodes[at, 1])
        at = np.where(leaf[at], at, np.where(goes_left, left[at], right[at]))
    return np.asarray(nodes[at, 5], dtype=np.float64)


def _drawn(matrix: Floats, did: Any, *, seed: int) -> tuple[Floats, Any]:
    """All rows, or a bounded number of them drawn at random."""
    truth = np.asarray(did, dtype=bool)
    if len(truth) <= MOST_ROWS:
        return matrix, truth
    kept = np.sort(np.random.default_rng(seed).choice(len(truth), MOST_ROWS, replace=False))
    return matrix[kept], truth[kept]


def _middle(matrix: Floats) -> tuple[Floats, Floats, Floats]:
    """Median and tails of each column; zeros of a column without a value."""
    empty = np.isnan(matrix).all(axis=0)
    filled = np.where(empty, 0.0, matrix)
    low, typical, high = np.nanquantile(filled, [TAIL, 0.5, 1 - TAIL], axis=0)
    return typical, low, high


def _node(node: Any) -> list[float | int]:
    """A node as plain numbers, in the order of _NODE. A split on nothing but missingness has an endless threshold."""
    threshold = 0.0 if node["is_leaf"] else min(float(node["num_threshold"]), BEYOND)
    return [_plain(threshold if name == "num_threshold" else node[name]) for name in _NODE]


def _plain(value: Any) -> float | int:
    number = float(value)
    return int(number) if abs(number) < 1e12 and number.is_integer() else number
