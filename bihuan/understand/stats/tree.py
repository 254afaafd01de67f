"""Which properties separate those who did from those who did not: a small tree with an honest quality."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from bihuan.understand.stats.auc import Area, area, auc_of
from bihuan.understand.stats.design import design_of
from bihuan.understand.stats.moments import Floats
from bihuan.understand.stats.tree_shape import Node, Rule, shape_of

LEAVES = (2, 3, 4, 6, 8)
FOLDS = 5
LEAST_OF_A_CLASS = 10
LEAST_IN_LEAF = 20


@dataclass(frozen=True, kw_only=True)
class Tree:
    """`quality` is the AUC on units that the tree had not seen; `importance` sums to 1 over columns, most first.
    `rules` run from the highest to the lowest rate; `places` says of each unit which of them describes it. A lower bound of the
    AUC at or below 0.5: it found nothing."""

    root: Node
    rules: tuple[Rule, ...]
    places: tuple[int, ...]
    quality: Area
    importance: dict[str, float]
    n: int
    did: int
    left_out: dict[str, str]


class TooFew(ValueError):
    """There are too few units, or too few of one kind; the text has the numbers."""


def grow_tree(
    *, columns: Mapping[str, Sequence[Any]], did: Any, groups: Any = None, level: float = 0.95, seed: int = 0
) -> Tree:
    """A tree of at most eight leaves; columns as in `design_of`.

    Quality: five folds, stratified; with `groups` (such as the account of each person) a group is never in two folds. In each
    fold the whole procedure runs again, the choice of the size included, so nothing is known of the units that are scored. AUC
    is the mean over folds, its variance the mean of the folds' DeLong variances ÷ folds: LeDell, Petersen, van der Laan
    (2015), "Computationally efficient confidence intervals for cross-validated area under the ROC curve estimates",
    EJS 9. Size: the fewest leaves whose inner AUC is within one standard error of the best (Breiman et al. 1984, 3.4).
    TooFew with fewer than ten units (or groups) that did, or did not.
    """
    truth = np.asarray(did, dtype=bool)
    names = None if groups is None else np.unique(np.asarray(groups), return_inverse=True)[1]
    _check(truth, names)
    design = design_of(columns)
    if not design.features:
        raise TooFew("no column varies")
    quality = _quality(design.matrix, truth, names, level=level, seed=seed)
    leaves = _leaves(design.matrix, truth, names, seed=seed)
    model = _fit(design.matrix, truth, leaves=leaves, seed=seed)
    root, rules = shape_of(model, features=design.features, level=level)
    importance: dict[str, float] = {}
    for feature, weight in zip(design.features, model.feature_importances_, strict=True):
        importance[feature.name] = importance.get(feature.name, 0.0) + float(weight)
    return Tree(
        root=root, rules=rules, quality=quality, places=_places(model, design.matrix, rules),
        importance=dict(sorted(importance.items(), key=lambda item: -item[1])), n=len(truth), did=int(truth.sum()),
        left_out=design.left_out,
    )  # fmt: skip


def _places(model: Any, matrix: Floats, rules: tuple[Rule, ...]) -> tuple[int, ...]:
    """Of each unit the place in `rules` of the leaf that it falls into."""
    of_leaf = {rule.leaf: place for place, rule in enumerate(rules)}
    return tuple(of_leaf[int(leaf)] for leaf in model.apply(matrix))


def _check(truth: Any, groups: Any) -> None:
    for what, side in (("did", truth), ("did not", ~truth)):
        units = int(side.sum()) if groups is None else len(np.unique(groups[side]))
        if units < LEAST_OF_A_CLASS:
            raise TooFew(f"{units} {what}; a tree needs {LEAST_OF_A_CLASS} at least")


def _fit(matrix: Floats, truth: Any, *, leaves: int, seed: int) -> Any:
    """A tree whose leaves hold at least 20 units, or 2 %."""
    from sklearn.tree import DecisionTreeClassifier

    least = max(LEAST_IN_LEAF, len(truth) // 50)
    return DecisionTreeClassifier(max_leaf_nodes=leaves, min_samples_leaf=least, random_state=seed).fit(
        matrix, truth
    )


def _folds(matrix: Floats, truth: Any, groups: Any, *, seed: int) -> list[tuple[Any, Any]]:
    from sklearn.model_selection import StratifiedGroupKFold, StratifiedKFold

    kind = StratifiedKFold if groups is None else StratifiedGroupKFold
    return list(kind(n_splits=FOLDS, shuffle=True, random_state=seed).split(matrix, truth, groups))


def _leaves(matrix: Floats, truth: Any, groups: Any, *, seed: int) -> int:
    """The size by the one-standard-error rule."""
    found = {size: _scored(matrix, truth, groups, leaves=size, seed=seed) for size in LEAVES}
    means = {size: float(np.mean([a.value for a in areas])) for size, areas in found.items() if areas}
    if not means:
        return LEAVES[0]
    best = max(means, key=lambda size: means[size])
    errors = [a.value for a in found[best]]
    slack = float(np.std(errors, ddof=1)) / np.sqrt(len(errors)) if len(errors) > 1 else 0.0
    return min(size for size, mean in means.items() if mean >= means[best] - slack)


def _scored(matrix: Floats, truth: Any, groups: Any, *, leaves: int | None, seed: int) -> list[Area]:
    """AUC of each fold whose held-out part has both kinds; `leaves` None: the size is chosen anew inside each fold."""
    areas = []
    for learn, test in _folds(matrix, truth, groups, seed=seed):
        inner = None if groups is None else groups[learn]
        size = leaves or _leaves(matrix[learn], truth[learn], inner, seed=seed)
        model = _fit(matrix[learn], truth[learn], leaves=size, seed=seed)
        if len(model.classes_) < 2:
            continue
        scores = model.predict_proba(matrix[test])[:, 1]
        found = auc_of(labels=truth[test], scores=scores, groups=None if groups is None else groups[test])
        if found.value == found.value:
            areas.append(found)
    return areas


def _quality(matrix: Floats, truth: Any, groups: Any, *, level: float, seed: int) -> Area:
    areas = _scored(matrix, truth, groups, leaves=None, seed=seed)
    if not areas:
        raise TooFew("no fold holds both kinds")
    k = len(areas)
    return area(
        value=sum(a.value for a in areas) / k, variance=sum(a.variance for a in areas) / k**2,
        positives=sum(a.positives for a in areas), negatives=sum(a.negatives for a in areas), level=level,
    )  # fmt: skip
