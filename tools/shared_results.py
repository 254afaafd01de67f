"""The A/B test that may not be copied, imported and asked by the files in examples/, gives its known counts.

Usage: python tools/shared_results.py FOLDER, which holds ab_subscribe_small/ab_data.csv
"""

import csv
import json
import os
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
EXAMPLE = ROOT / "examples" / "ab_subscribe_small"
KNOWN = {
    "rows": 476, "users": 474, "shown twice": ["680345", "917610"], "exposed again": 2,
    "control, raw rows": [17, 238], "experimental, raw rows": [45, 238],
    "control, by user": [17, 236], "experimental, by user": [45, 238],
    "sample ratio flagged": False, "verdict": "better",
}  # fmt: skip


def bihuan(home: str, *words: str) -> str:
    """What the command prints, on an installation of its own."""
    program = [sys.executable, "-c", "from bihuan.config.cli import main; main()", *words]
    done = subprocess.run(
        program, cwd=ROOT, env={**os.environ, "BIHUAN_HOME": home}, check=True, capture_output=True
    )
    return done.stdout.decode()


def counted(shared: Path) -> dict[str, Any]:
    """What stands in the file itself."""
    with (shared / "ab_subscribe_small" / "ab_data.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    times = Counter(row["user_id"] for row in rows)
    found: dict[str, Any] = {
        "rows": len(rows),
        "shown twice": sorted(user for user, n in times.items() if n > 1),
    }
    for name in ("control", "experimental"):
        did = [row["subscribed"] == "1" for row in rows if row["group"] == name]
        found[f"{name}, raw rows"] = [sum(did), len(did)]
    return found


def asked(shared: Path) -> dict[str, Any]:
    """What the answer says."""
    with tempfile.TemporaryDirectory() as home:
        bihuan(home, "import", str(EXAMPLE / "mapping.yaml"), "--data", str(shared / "ab_subscribe_small"))
        answer = json.loads(bihuan(home, "ask", str(EXAMPLE / "ask.yaml")))
    summary, columns = answer["summary"], [column["name"] for column in answer["columns"]]
    found: dict[str, Any] = {
        "users": sum(summary["units"].values()), "exposed again": summary["units_exposed_again"],
        "sample ratio flagged": summary["sample_ratio_flagged"],
        "verdict": summary["verdicts"]["experimental"]["code"],
    }  # fmt: skip
    for row in (dict(zip(columns, values, strict=True)) for values in answer["rows"]):
        found[f"{row['variant']}, by user"] = [round(row["value"] * row["units"]), row["units"]]
    return found


def main(shared: Path) -> int:
    """0 when every number is the known one."""
    found = counted(shared) | asked(shared)
    for name, value in KNOWN.items():
        print(f"{name}: {found[name]}" + ("" if found[name] == value else f", and not {value}"))
    return int(found != KNOWN)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
