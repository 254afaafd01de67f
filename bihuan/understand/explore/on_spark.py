"""Questions about events, asked of Spark over a folder that `bihuan store export` wrote: for more than the store holds."""

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

from bihuan.base.access import Actor
from bihuan.capture.store.spark_sql import SETTINGS, compiled
from bihuan.understand.engine.answer import Answer, QuestionError
from bihuan.understand.engine.kinds import KINDS, EventKind
from bihuan.understand.explore.event_kinds import Beside, Found, answer_events, told


def session() -> Any:
    """The Spark session of this process, with what its answers need; ModuleNotFoundError without pyspark."""
    from pyspark.sql import SparkSession

    builder = SparkSession.builder.appName("bihuan").config("spark.log.level", "ERROR")
    for name, value in SETTINGS.items():
        builder = builder.config(name, value)
    return builder.getOrCreate()


def ask_spark(*, question: Mapping[str, Any], folder: Path, spark: Any, actor: Actor, at: datetime) -> Answer:
    """The answer from the exported files alone. Accounts, people and segments are those of this installation."""
    kinds = {kind.name: kind for kind in KINDS}
    kind = kinds.get(str(question.get("kind")))
    if kind is None:
        raise QuestionError("kind", f"Spark can be asked: {', '.join(sorted(kinds))}")
    if not any(folder.glob("day=*/*.parquet")):
        raise QuestionError(
            "spark", f"{folder} holds no export; write one with: bihuan store export {folder}"
        )
    exported = spark.read.parquet(str(folder)).selectExpr(
        "*", "0 AS name_id"
    )  # a code that the store alone gives out
    exported.createOrReplaceTempView("events")
    return answer_events(kind, question=question, actor=actor, at=at, asking=partial(_asked, spark))


def _asked(spark: Any, kind: EventKind, asked: Any, beside: Beside) -> Found:
    for name, table in beside.tables.items():
        spark.createDataFrame(table).createOrReplaceTempView(name)
    sqls = {name: compiled(plan) for name, plan in beside.plans(kind, asked).items()}
    return Found(rows={name: spark.sql(sql).toArrow() for name, sql in sqls.items()}, sql=told(sqls))
