"""Every package that we ship with has a licence that an Apache-2.0 project may use; new kinds are looked at first."""

import re
import sys
from importlib.metadata import PackageNotFoundError, files, metadata
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
REFUSED = re.compile(r"\b(A?GPL|SSPL|BUSL|Commons Clause)", re.IGNORECASE)
#: Packages that name no licence in their metadata, but in their read-me or component file; looked at by hand.
IN_WORDS = {"component-props": "MIT"}
LESSER = re.compile(r"\b(LGPL|Lesser General Public)", re.IGNORECASE)


def licence_of(name: str) -> str:
    """What a package says of itself: the expression, the classifiers, else the field."""
    about = metadata(name)
    parts = [about.get("License-Expression") or ""]
    parts += [c.split("::")[-1].strip() for c in about.get_all("Classifier") or [] if c.startswith("License")]
    if not any(parts):
        parts.append((about.get("License") or "").split("\n")[0])
    return "; ".join(dict.fromkeys(part for part in parts if part)) or _from_file(name)


def _from_file(name: str) -> str:
    """The title of the licence file, for a package that names none in its metadata."""
    for path in files(name) or []:
        if path.name.upper().startswith("LICEN"):
            return " ".join(path.read_text(encoding="utf-8").split()[:4])
    return "?"


def python_packages(lock: str) -> list[str]:
    """Names in a lock file."""
    return re.findall(r"^([A-Za-z0-9_.-]+)(?:\[[^\]]+\])?==", (ROOT / lock).read_text(), re.MULTILINE)


def main() -> int:
    """Print a line per package; the number of problems."""
    import json

    rows, problems = [], []
    for name in python_packages("requirements.txt"):
        try:
            rows.append((name, licence_of(name)))
        except PackageNotFoundError:
            continue  # a package for another system
    lock = json.loads((ROOT / "package-lock.json").read_text())
    for path, entry in lock["packages"].items():
        if path and not entry.get("dev"):
            rows.append(
                (
                    path.removeprefix("node_modules/"),
                    str(entry.get("license") or IN_WORDS.get(path.removeprefix("node_modules/"), "?")),
                )
            )
    documented = (ROOT / "docs" / "DEPENDENCIES.md").read_text(encoding="utf-8").lower()
    for name, licence in rows:
        plain = LESSER.sub("", licence)
        if REFUSED.search(plain) or licence == "?":
            problems.append(f"{name}: the licence {licence!r} is not one we may ship with")
        if LESSER.search(licence) and name.lower() not in documented:
            problems.append(
                f"{name}: {licence} must stand in docs/DEPENDENCIES.md as an unmodified dependency"
            )
    direct = re.findall(
        r'^    "([A-Za-z0-9_.-]+)', (ROOT / "pyproject.toml").read_text().split("[project.optional")[0], re.M
    )
    problems += [
        f"{name}: docs/DEPENDENCIES.md does not say why" for name in direct if name.lower() not in documented
    ]
    for problem in problems:
        print(problem)
    print(f"{len(rows)} packages, {len(problems)} problem(s)")
    return len(problems)


if __name__ == "__main__":
    sys.exit(1 if main() else 0)
