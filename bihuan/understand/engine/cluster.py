"""The cluster question: which units are alike in chosen measures, and what sets each group apart."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import pyarrow as pa

from bihuan.understand.engine.answer import Answer, AnswerColumn, QuestionError
from bihuan.understand.engine.fields import SEGMENT, Field, choice, known_fields, one_of
from bihuan.understand.engine.listing import TOLD, Cell, list_at_hand, list_field, number, read_cell
from bihuan.understand.engine.scope import read_day, read_segment_name
from bihuan.understand.engine.units import AS_OF, FIELD_SCHEMA, UNIT, UNITS, number_of, read_fields
from bihuan.understand.stats.cluster import MOST_CLUSTERS, Cluster, Clustering, Mark, density, k_means

METHODS = ("k_means", "density")
#: How far a cluster lies from all others, in deviations, to be called far above, or above.
FAR, NEAR = 1.2, 0.5
TRIED = "what another number of clusters would give; ask with that number to see who is in them"
FIELDS = (
    Field(name="measures", schema={"type": "array", "items": FIELD_SCHEMA, "minItems": 1, "maxItems": 40},
          default="required", meaning="numbers of the unit: `m.active_people`, `account.size`"),
    Field(name="method", schema=one_of(*METHODS), default="`k_means`", meaning="`k_means`: every unit belongs to a cluster; "
          "`density` (HDBSCAN): odd units stay outside"),
    Field(name="clusters", schema={"type": "integer", "minimum": 2, "maximum": MOST_CLUSTERS}, default="by silhouette",
          meaning="how many, from 2 to 8; only for `k_means`"),
    list_field("cluster", meaning="`{cluster: 2}` the members of one, `{cluster: 0}` who belongs to none, `{}` all"),
    SEGMENT,
    UNIT, AS_OF,
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class ClusterQuestion:
    """`clusters` None: the number with the best silhouette."""

    unit: str
    measures: tuple[str, ...]
    method: str
    clusters: int | None
    segment: str | None
    as_of: date
    listed: Cell | None = None


def read_cluster(raw: Mapping[str, Any], *, today: date) -> ClusterQuestion:
    """Check a document; QuestionError names the field, the value and the remedy."""
    known_fields(raw, "cluster", FIELDS)
    method, clusters = choice(raw, "method", METHODS), raw.get("clusters")
    if clusters is not None:
        if method != "k_means":
            raise QuestionError("clusters", "density finds their number itself; leave it out")
        if isinstance(clusters, bool) or not isinstance(clusters, int) or not 2 <= clusters <= MOST_CLUSTERS:
            raise QuestionError(
                "clusters", f"write a whole number from 2 to {MOST_CLUSTERS}, not {clusters!r}"
            )
    return ClusterQuestion(
        unit=choice(raw, "unit", UNITS), measures=read_fields(raw.get("measures"), "measures", least=1), method=method,
        clusters=clusters, segment=read_segment_name(raw.get("segment"), "segment"),
        as_of=read_day(raw.get("as_of", today), "as_of"),
        listed=read_cell(raw.get("list"), takes={"cluster": number(0, 1_000)}),
    )  # fmt: skip


def clusters_of(question: ClusterQuestion, *, rows: pa.Table) -> Clustering:
    """The clusters of units, one row each, with the measures under their own names; `labels` follow the rows, so that a
    cluster can be opened as a list or kept as a segment."""
    measures = {name: [number_of(value) for value in rows[name].to_pylist()] for name in question.measures}
    return k_means(measures, k=question.clusters) if question.method == "k_means" else density(measures)


def shape_cluster(question: ClusterQuestion, *, found: Clustering, sql: str = "") -> Answer:
    """Rows: one for each cluster and measure, what sets it apart most first. The summary says each cluster in words that can
    be translated: pairs of a measure and far_above, above, below or far_below."""
    units = len(found.labels)
    counted = [
        {"units": {"cluster": cluster.number}} for cluster in found.clusters for _mark in cluster.marks
    ]
    return Answer(
        kind="cluster", question={}, definition=definition_of(question), columns=COLUMNS,
        rows=tuple(_row(cluster, mark) for cluster in found.clusters for mark in cluster.marks),
        summary={
            "units": units, "clusters": len(found.clusters), "silhouette": found.silhouette,
            "noise": int((found.labels == 0).sum()), "tried": {str(k): value for k, value in found.tried.items()},
            "described": [
                {"cluster": c.number, "units": c.size, "share": c.share, "words": [list(pair) for pair in words_of(c)]}
                for c in found.clusters
            ],
            "measures_left_out": found.left_out,
        },
        left_out={}, sql=sql, as_of=question.as_of.isoformat(), behind=tuple(counted),
        behind_summary={"units": {}, "noise": {"cluster": 0}}, nobody={"tried": TRIED, "described": TOLD},
        drawn_from={"clusters": "units", "silhouette": "units"}
        | dict.fromkeys(("share", "mean", "others", "gap", "missing", "cluster"), "units"),
    )  # fmt: skip


def members_of(question: ClusterQuestion, cell: Cell, *, found: Clustering, rows: pa.Table) -> Answer:
    """A row a member of the cluster that is asked for, with its measures; of all, the cluster stands beside each."""
    measures = [rows[name].to_pylist() for name in question.measures]
    members = [
        (unit, int(label), *(number_of(values[place]) for values in measures))
        for place, (unit, label) in enumerate(zip(rows["unit"].to_pylist(), found.labels, strict=True))
        if "cluster" not in cell or label == cell.get("cluster")
    ]
    columns = tuple(AnswerColumn(name=name, type="number") for name in ("cluster", *question.measures))
    listed = list_at_hand(kind="cluster", unit=question.unit, cell=cell, rows=members, columns=columns,
                          definition=definition_of(question))  # fmt: skip
    return replace(listed, as_of=question.as_of.isoformat())


COLUMNS = (
    AnswerColumn(name="cluster", type="number"), AnswerColumn(name="units", type="number"),
    AnswerColumn(name="share", type="percent"), AnswerColumn(name="measure", type="text"),
    AnswerColumn(name="mean", type="number"), AnswerColumn(name="others", type="number"),
    AnswerColumn(name="gap", type="number", unit="deviations"), AnswerColumn(name="missing", type="percent"),
)  # fmt: skip


def words_of(cluster: Cluster) -> list[tuple[str, str]]:
    """(measure, far_above | above | below | far_below) where it differs by half a deviation, most first."""
    words = []
    for mark in cluster.marks:
        if abs(mark.gap) >= NEAR:
            far = "far_" if abs(mark.gap) >= FAR else ""
            words.append((mark.measure, f"{far}{'above' if mark.gap > 0 else 'below'}"))
    return words


def _row(cluster: Cluster, mark: Mark) -> tuple[Any, ...]:
    numbers = (None if number != number else number for number in (mark.mean, mark.rest))
    return (cluster.number, cluster.size, cluster.share, mark.measure, *numbers, mark.gap, mark.missing)


def definition_of(question: ClusterQuestion) -> tuple[str, ...]:
    """What the numbers mean."""
    method = {
        "k_means": "k-means; "
        + (
            f"{question.clusters} clusters as asked"
            if question.clusters
            else "as many as give the best silhouette"
        ),
        "density": "HDBSCAN: dense groups; odd units belong to none",
    }[question.method]
    lines = [
        f"by {question.unit}, as of {question.as_of}: {', '.join(question.measures)}",
        "each measure is cut at median ± 4 robust deviations, then standardised; a missing value counts as the mean",
        method,
        "gap: the cluster's mean minus that of all others, in deviations; it describes, it does not test",
    ]
    if question.segment:
        lines.append(f"segment {question.segment}")
    return tuple(lines)
