"""A file that was opened and saved in Camunda Modeler, for either of its engines, says here what it said before, and the other way
round: what the modeler keeps for itself comes back from the studio's own reader and writer."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from bihuan.act.bpmn import read_diagram
from bihuan.act.bpmn.list_writing import to_bpmn
from bihuan.act.bpmn.taking_in import taken_in
from bihuan.act.processes.shipped import files, read_list

pytestmark = pytest.mark.browser

ROOT = Path(__file__).resolve().parents[2]
#: The modeler reads and writes with these two: BPMN's own words, and those of its engine.
SCRIPT = """
import { readFileSync } from "node:fs";
import * as bpmn from "bpmn-moddle";
const Moddle = bpmn.BpmnModdle ?? bpmn.default;
const named = JSON.parse(process.env.WORDS);
const words = Object.fromEntries(named.map(([prefix, path]) => [prefix, JSON.parse(readFileSync(path))]));
const moddle = new Moddle(words);
const { rootElement, warnings } = await moddle.fromXML(readFileSync(0, "utf8"));
const { xml } = await moddle.toXML(rootElement, { format: true });
process.stdout.write(JSON.stringify({ xml, warnings: warnings.map((one) => one.message) }));
"""
ENGINES = {
    "zeebe": "node_modules/zeebe-bpmn-moddle/resources/zeebe.json",
    "camunda": "node_modules/camunda-bpmn-moddle/resources/camunda.json",
}
OURS = "frontend/src/studio/bihuan.json"
SHIPPED = {path.stem: path for path in files() if path.suffix == ".yaml"}
STANDARD = {path.stem: path for path in sorted((ROOT / "bihuan/act/bpmn/tests/files").glob("*.bpmn"))}


def saved_by(xml: str, **words: str) -> str:
    """What a modeler with these words writes of a file."""
    run = subprocess.run(
        [sys.executable, "tools/node.py", sys.prefix, "node", "--input-type=module", "-e", SCRIPT],
        input=xml, capture_output=True, text=True, cwd=ROOT, check=False, encoding="utf-8",
        env={**os.environ, "WORDS": json.dumps(list(words.items()))},
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    answer = json.loads(run.stdout)
    assert answer["warnings"] == []
    return str(answer["xml"])


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("name", SHIPPED)
def test_a_process_that_ships_comes_back_from_the_modeler(name: str, engine: str) -> None:
    xml = to_bpmn(read_list(SHIPPED[name].read_text(encoding="utf-8"))[0])
    back = saved_by(xml, **{engine: ENGINES[engine]})
    assert read_diagram(back) == read_diagram(xml)
    assert read_diagram(saved_by(back, bihuan=OURS)) == read_diagram(xml)


@pytest.mark.parametrize("name", STANDARD)
def test_a_file_of_the_modeler_keeps_what_only_the_modeler_reads(name: str) -> None:
    xml = taken_in(STANDARD[name].read_bytes())
    ours = saved_by(xml, bihuan=OURS)
    for theirs in ("camunda:", "modeler:"):
        assert ours.count(theirs) == xml.count(theirs)
    for engine, words in ENGINES.items():
        assert read_diagram(saved_by(ours, **{engine: words})) == read_diagram(xml)
