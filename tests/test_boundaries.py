"""The house stays a house: what one room may use of another, read from the imports themselves.

`.importlinter` holds the order of stages, of rooms inside a stage and of files inside a room. Here is what it cannot
say: by which doors a room is entered.
"""

import configparser
import re
from functools import cache
from pathlib import Path

import grimp
import pytest

ROOT = Path(__file__).resolve().parents[1]
#: What any room may use of another; everyone's words are the models of know.
DOORS = {"actions", "queries", "events"}
WORDS = "bihuan.know."
#: Rooms with another door, and why. "" is the room's own package.
OTHER_DOORS = {
    ("bihuan.capture.store", ""): "the store is a library: its package is its interface",
    ("bihuan.capture.store", "spark_sql"): "a compiler that only they load who ask Spark",
    ("bihuan.understand.engine", "listing"): "which rows a list leaves out",
    ("bihuan.understand.engine", "answer"): "the shape of every answer",
    ("bihuan.understand.engine", "fast"): "the same rows as a plan gives, by loops over tracks",
    ("bihuan.understand.engine", "cluster"): "a question about units, asked of rows",
    ("bihuan.understand.engine", "survival"): "a question about units, asked of rows",
    ("bihuan.understand.engine", "tree"): "a question about units, asked of rows",
    ("bihuan.understand.engine", "units"): "how a field of a unit is named and read",
    ("bihuan.understand.engine", "experiment"): "an experiment is planned in the words of the question about it",
    ("bihuan.understand.engine", "fields"): "the fields of a kind of question, registered with it",
    ("bihuan.understand.engine", "formula"): "arithmetic over named values, the same for series and metrics",
    ("bihuan.understand.engine", "kinds"): "what can be asked of events",
    ("bihuan.understand.engine", "segment"): "what a segment is, and its question",
    ("bihuan.understand.engine", "scope"): "reading days and periods, the same in every kind of question",
    ("bihuan.understand.explore", "event_kinds"): "how a kind of question about events is asked, for kinds of rooms above",
    ("bihuan.understand.explore", "said"): "the engine's sentences in the reader's language",
    ("bihuan.understand.explore", "registry"): "where rooms above register their kinds of questions",
    ("bihuan.understand.engine", "process"): "the steps of cases before they are counted",
    ("bihuan.understand.explore", "cases"): "the steps of cases, which mining lays along a diagram",
    ("bihuan.act.work", "models"): "instances and items are what is mined",
    ("bihuan.act.work", "automatic"): "what rooms contribute as automatic steps, which plays call too",
    ("bihuan.act.processes", "models"): "an instance runs on a version of a process",
    ("bihuan.act.processes", "roles"): "what people call the roles of steps",
    ("bihuan.capture.identity", "rules"): "ingest refuses an id by the rule of identity before it asks it anything",
    ("bihuan.capture.sources", "models"): "rejected events belong to a source",
}  # fmt: skip
#: Rooms that have no app of Django's.
LIBRARIES = {"bihuan.act.bpmn", "bihuan.capture.store", "bihuan.understand.engine", "bihuan.understand.stats"}
#: Rooms of pure functions that stand alone: each module is an interface.
OPEN = {"bihuan.act.bpmn", "bihuan.understand.stats"}
LONGEST = 400


@cache
def graph() -> grimp.ImportGraph:
    return grimp.build_graph("bihuan", include_external_packages=False)


@cache
def rooms() -> frozenset[str]:
    """Every room above the ground floor, and the site."""
    apps = {".".join(p.parent.relative_to(ROOT).parts) for p in (ROOT / "bihuan").glob("*/*/apps.py")}
    return frozenset(
        {room for room in apps if not room.startswith("bihuan.base.")} | LIBRARIES | {"bihuan.site"}
    )


def room_of(module: str) -> str | None:
    return next((room for room in rooms() if module == room or module.startswith(f"{room}.")), None)


def door_of(module: str, room: str) -> str:
    return module.removeprefix(room).removeprefix(".").partition(".")[0]


def allowed(*, room: str, door: str) -> bool:
    return (
        room in OPEN
        or door in DOORS
        or (door == "models" and room.startswith(WORDS))
        or (room, door) in OTHER_DOORS
    )


def uses() -> list[tuple[str, str, str, str]]:
    """(module, what it imports, the room of that, the door) wherever a room uses another; tests are free."""
    found = []
    for module in graph().modules:
        here = room_of(module)
        if here is None or ".tests" in module or ".migrations" in module:
            continue
        for target in graph().find_modules_directly_imported_by(module):
            there = room_of(target)
            if there is not None and there != here:
                found.append((module, target, there, door_of(target, there)))
    return found


def test_a_room_is_entered_by_its_doors_only() -> None:
    seen = uses()
    assert len(seen) > 50, "the walk over imports sees too little"
    wrong = [
        f"{module} → {target}" for module, target, room, door in seen if not allowed(room=room, door=door)
    ]
    assert not wrong


@pytest.mark.parametrize(
    ("room", "door"),
    [("bihuan.serve.tickets", "models"), ("bihuan.earn.contracts", "forms"), ("bihuan.foresee.health", ""),
     ("bihuan.know.accounts", "pages"), ("bihuan.capture.store", "log"), ("bihuan.site", "cards")],
)  # fmt: skip
def test_other_ways_in_are_refused(room: str, door: str) -> None:
    assert room in rooms()
    assert not allowed(room=room, door=door)


def test_every_other_door_is_still_used() -> None:
    assert set(OTHER_DOORS) == set(OTHER_DOORS) & {(room, door) for _m, _t, room, door in uses()}


def test_nothing_imports_a_test_or_the_site_or_the_command_line() -> None:
    wrong = []
    for module in graph().modules:
        for target in graph().find_modules_directly_imported_by(module):
            if ".tests" in target and ".tests" not in module:
                wrong.append(f"{module} → {target}")
            if target.startswith("bihuan.site") and not module.startswith(("bihuan.site", "bihuan.config")):
                wrong.append(f"{module} → {target}")
            if target.startswith("bihuan.config") and not module.startswith(
                ("bihuan.config", "bihuan.__main__")
            ):
                wrong.append(f"{module} → {target}")
    allowed_in_tests = [edge for edge in wrong if ".tests" in edge.split(" → ")[0]]
    assert not set(wrong) - set(allowed_in_tests)


@cache
def contracts() -> configparser.ConfigParser:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return parser


def lines(section: str, key: str) -> list[str]:
    return contracts().get(section, key, fallback="").split()


def test_the_contracts_ignore_nothing() -> None:
    text = (ROOT / ".importlinter").read_text(encoding="utf-8")
    assert "ignore_imports" not in text
    assert "allow_indirect" not in text
    for section in contracts().sections():
        ignored = set(lines(section, "exhaustive_ignores"))
        assert ignored <= {"apps", "migrations", "tests"}, section


def test_every_stage_and_every_app_is_under_contract() -> None:
    stages = {p.parent.name for p in (ROOT / "bihuan").glob("*/__init__.py")}
    listed = {name.removeprefix("bihuan.") for name in lines("importlinter:contract:story", "layers")}
    assert stages == listed
    inside = {name for name in listed if any((ROOT / "bihuan" / name).glob("*/apps.py"))} - {"base", "site"}
    for stage in inside | (listed - {"base", "site", "config"}) & {
        "know",
        "capture",
        "foresee",
        "earn",
        "serve",
    }:
        section = f"importlinter:contract:{stage}"
        assert contracts().getboolean(section, "exhaustive"), f"{stage} is not exhaustive"
    containers = [
        name
        for contract in ("app", "act_app")
        for name in lines(f"importlinter:contract:{contract}", "containers")
    ]
    free = {
        room
        for room in rooms() - LIBRARIES - {"bihuan.site"}
        if not any(re.fullmatch(c.replace(".", r"\.").replace("*", r"\w+"), room) for c in containers)
    }
    assert free <= {"bihuan.understand.explore"}, "explore alone has a file of its own kind: registry.py"


def first_comment(text: str) -> str:
    """The docstring or comment at the top."""
    found = re.match(r'\s*(?:"""(.*?)"""|/\*(.*?)\*/|((?:\s*(?:#|//)[^\n]*\n)+))', text, re.DOTALL)
    return next((part for part in found.groups() if part), "") if found else ""


def test_a_long_file_says_why() -> None:
    silent = []
    folders = ("bihuan", "tests", "tools", "benches", "frontend/src")
    for path in (p for folder in folders for p in (ROOT / folder).rglob("*")):
        if path.suffix not in (".py", ".js", ".css", ".html") or "dist" in path.parts:
            continue
        text = path.read_text(encoding="utf-8")
        if text.count("\n") > LONGEST and "long because" not in first_comment(text).lower():
            silent.append(f"{path.relative_to(ROOT)}: {text.count(chr(10))} lines")
    assert not silent, "split it, or say in its first comment that it is long because …"


def test_pure_code_has_no_clock_and_reads_no_files() -> None:
    impure = re.compile(r"\b(timezone\.now|datetime\.now|date\.today|time\.time|open\(|requests\.|urlopen)")
    files = [p for p in (ROOT / "bihuan").rglob("*.py") if "tests" not in p.parts]
    pure = [p for p in files if {"engine", "stats", "rules"} & set(p.parts) or p.name == "rules.py"]
    assert len(pure) > 10
    assert not [
        f"{p.relative_to(ROOT)}: {m[0]}" for p in pure for m in impure.finditer(p.read_text(encoding="utf-8"))
    ]


def test_domain_code_is_told_the_time() -> None:
    clock = re.compile(r"\b(timezone\.now|datetime\.now|date\.today|timezone\.localdate)\(\s*\)")
    wrong = []
    for room in rooms() - LIBRARIES - {"bihuan.site"}:
        for path in (ROOT / room.replace(".", "/")).rglob("*.py"):
            inside = path.relative_to(ROOT / room.replace(".", "/"))
            if inside.parts[0].removesuffix(".py") in {
                "actions",
                "queries",
                "models",
                "rules",
                "events",
                "metrics",
            }:
                wrong += [
                    f"{path.relative_to(ROOT)}: {m[0]}" for m in clock.finditer(path.read_text("utf-8"))
                ]
    assert not wrong
