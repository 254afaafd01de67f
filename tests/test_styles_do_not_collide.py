"""A class that lays out its content means one thing: two rooms that use one name would break each other's pages."""

import re
from collections import defaultdict
from pathlib import Path

SOURCES = Path(__file__).parent.parent / "frontend" / "src"
LAID_OUT = re.compile(r"^\.([\w-]+) \{[^}]*\bdisplay: (?:grid|flex)", re.MULTILINE)


def test_a_class_is_laid_out_by_one_stylesheet() -> None:
    by_name = defaultdict(set)
    for sheet in SOURCES.glob("*.css"):
        for name in LAID_OUT.findall(sheet.read_text(encoding="utf-8")):
            by_name[name].add(sheet.name)
    assert len(by_name) > 50
    assert {name: sorted(sheets) for name, sheets in by_name.items() if len(sheets) > 1} == {}
