"""The A/B test that may not be copied gives its known counts, and its two double users are flagged."""

import csv
import sys
from collections import Counter
from datetime import date
from pathlib import Path

import pyarrow as pa

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from bihuan.understand.engine.experiment import read_experiment, shape_experiment  # noqa: E402

QUESTION = {
    "kind": "experiment", "unit": "person", "exposure": {"event": "form_shown", "variant": "props.group"},
    "variants": {"control": 1, "experimental": 1}, "metrics": [{"name": "subscribed", "event": "subscribed"}],
    "period": {"from": "2021-01-05", "to": "2021-01-19"},
}  # fmt: skip


def main(shared: Path) -> int:
    """0 when every number is the known one."""
    with (shared / "ab_subscribe_small" / "ab_data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    shown = Counter((row["user_id"], row["group"]) for row in rows)
    exposed = pa.table({
        "unit": [user for user, _group in shown], "variant": [group for _user, group in shown],
        "exposures": list(shown.values()),
    })  # fmt: skip
    did = [row["user_id"] for row in rows if row["subscribed"] == "1"]
    asked = read_experiment(QUESTION, today=date(2021, 1, 19))
    answer = shape_experiment(
        asked, exposed=exposed, values={"subscribed": pa.table({"unit": did, "y": [1] * len(did)})}, zone="UTC"
    )  # fmt: skip
    raw = {
        name: [row["subscribed"] == "1" for row in rows if row["group"] == name]
        for name in ("control", "experimental")
    }
    found = {
        "rows": len(rows), "users": sum(answer.summary["units"].values()),
        "control, raw rows": (sum(raw["control"]), len(raw["control"])),
        "experimental, raw rows": (sum(raw["experimental"]), len(raw["experimental"])),
        "exposed again": answer.summary["units_exposed_again"],
        "sample ratio flagged": answer.summary["sample_ratio_flagged"],
        "verdict": answer.summary["verdicts"]["experimental"]["code"],
    }  # fmt: skip
    known = {
        "rows": 476, "users": 474, "control, raw rows": (17, 238), "experimental, raw rows": (45, 238), "exposed again": 2,
        "sample ratio flagged": False, "verdict": "better",
    }  # fmt: skip
    for name, value in found.items():
        print(f"{name}: {value}" + ("" if value == known[name] else f", and not {known[name]}"))
    for row in answer.rows:
        print(f"{row[2]}: {row[4]:.2%} of {row[3]} users")
    return int(found != known)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
