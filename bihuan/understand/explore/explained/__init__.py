"""An answer in sentences, in the reader's language, where its numbers alone are not read by everybody."""

from collections.abc import Callable

from bihuan.understand.engine.answer import Answer
from bihuan.understand.explore.explained import cluster, experiment, segment, survival, tree
from bihuan.understand.explore.explained.common import Line

EXPLAINED: dict[str, Callable[[Answer], list[Line]]] = {
    "survival": survival.explained,
    "tree": tree.explained,
    "cluster": cluster.explained,
    "segment": segment.explained,
    "experiment": experiment.explained,
}


def explained(answer: Answer) -> list[Line]:
    """What the answer says, the most important first; nothing for a kind whose table says it, and of a list."""
    explain = EXPLAINED.get(answer.kind)
    return explain(answer) if explain is not None and answer.question.get("list") is None else []


__all__ = ["Line", "explained"]
