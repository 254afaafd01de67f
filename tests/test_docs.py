"""The documents say what is: a command, a setting, a question, a measure or a room that is not described fails here."""

import json
import os
import re
import subprocess
from functools import cache
from pathlib import Path

import click
import pytest
import yaml
from cast import NOW, SYSTEM
from django.utils import translation

ROOT = Path(__file__).resolve().parents[1]
SETTING = re.compile(r"""(?:environ(?:\.get\(|\[)|getenv\(|envvar=)\s*["']([A-Z_]+)["']""")
NOT_OURS = {"DJANGO_SETTINGS_MODULE"}


@cache
def tracked(ending: str = "") -> list[str]:
    """Files of the project: those git knows or would add; outside a clone, what lies in its folders."""
    try:
        found = subprocess.run(
            ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
            cwd=ROOT, capture_output=True, text=True, check=True,
        ).stdout.splitlines()  # fmt: skip
    except (OSError, subprocess.CalledProcessError):
        parts = ("bihuan", "docs", "tests", "tools", "examples", "benches", "frontend")
        found = [str(p.relative_to(ROOT)) for part in parts for p in (ROOT / part).rglob("*") if p.is_file()]
        found += [p.name for p in ROOT.iterdir() if p.is_file()]
        found = [name for name in found if "__pycache__" not in name and "/static/dist/" not in name]
    return sorted(name for name in found if name.endswith(ending) and (ROOT / name).is_file())


def text_of(name: str) -> str:
    return (ROOT / name).read_text(encoding="utf-8")


@cache
def all_documents() -> str:
    return "\n".join(text_of(name) for name in tracked(".md"))


def commands() -> dict[str, click.Command]:
    """Every command by what is typed: "bihuan user add"."""
    from bihuan.config.cli import main

    found: dict[str, click.Command] = {}

    def walk(name: str, command: click.Command) -> None:
        if isinstance(command, click.Group):
            for sub in command.list_commands(click.Context(command)):
                child = command.get_command(click.Context(command), sub)
                assert child is not None
                walk(f"{name} {sub}", child)
        if command is not main:
            found[name] = command

    walk("bihuan", main)
    return found


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_and_option_has_help_and_stands_in_a_document(name: str) -> None:
    command = commands()[name]
    assert command.help, f"{name} has no help"
    if not isinstance(command, click.Group):
        assert name in all_documents(), f"no document says {name!r}"
    mute = [p.name for p in command.params if isinstance(p, click.Option) and not p.help]
    assert not mute, f"{name}: options without help: {mute}"


def settings_in_code() -> set[str]:
    files = [name for name in tracked(".py") if name.startswith("bihuan/") and "/tests/" not in name]
    return {name for file in files for name in SETTING.findall(text_of(file))} - NOT_OURS


def test_every_setting_stands_in_settings_md_and_no_other() -> None:
    documented = set(re.findall(r"^\| `([A-Z_]+)` \|", text_of("docs/SETTINGS.md"), re.MULTILINE))
    assert documented == settings_in_code()


def test_every_relative_link_leads_somewhere() -> None:
    broken = []
    for name in tracked(".md"):
        for target in re.findall(r"\]\(([^)\s]+)\)", text_of(name)):
            path = target.split("#")[0]
            if path and not re.match(r"[a-z]+:", path) and not (ROOT / name).parent.joinpath(path).exists():
                broken.append(f"{name} → {target}")
    assert not broken


def test_every_document_is_reached_from_the_index() -> None:
    index = text_of("docs/README.md")
    pages = [name.removeprefix("docs/") for name in tracked(".md") if name.startswith("docs/")]
    lost = [
        p for p in pages if p != "README.md" and not p.startswith("decisions/") and f"]({p})" not in index
    ]
    assert not lost


def test_every_make_target_that_a_document_names_exists() -> None:
    targets = set(re.findall(r"^([a-z-]+):", text_of("Makefile"), re.MULTILINE))
    named = set(re.findall(r"(?:^    |`)make ([a-z][a-z-]+)", all_documents(), re.MULTILINE))
    assert named
    assert named <= targets


def test_both_readmes_give_the_same_commands() -> None:
    def typed(name: str) -> list[str]:
        lines = re.findall(r"^    (\S.*?)(?:\s{2,}#.*)?$", text_of(name), re.MULTILINE)
        return [" ".join(line.split()[:3]) for line in lines]

    assert typed("README.md") == typed("README.zh-CN.md")
    assert "make demo" in typed("README.md")


def questions() -> list[dict]:
    blocks = re.findall(r"```yaml\n(.*?)```", text_of("docs/how-to/ask.md"), re.DOTALL)
    return [question for block in blocks for question in yaml.safe_load_all(block)]


def test_every_kind_of_question_is_described_with_its_own_example() -> None:
    from bihuan.understand.explore.registry import kinds

    page = text_of("docs/how-to/ask.md")
    assert {question["kind"] for question in questions()} == set(kinds())
    for name, kind in kinds().items():
        assert f"## `kind: {name}`" in page
        assert kind.example in page, f"the example of {name} in ask.md differs from the one the API shows"


@pytest.mark.django_db
@pytest.mark.parametrize("question", questions(), ids=lambda question: question["kind"])
def test_every_example_of_a_question_is_answered(question: dict, contracts, event_home) -> None:
    from bihuan.understand.explore.queries import ask

    document = ask(question=question, actor=SYSTEM, at=NOW).document()
    shown = re.search(r'```json\n\{"kind".*?```', text_of("docs/how-to/ask.md"), re.DOTALL)
    assert shown is not None
    assert all(f'"{key}"' in shown[0] for key in document), "the answer in ask.md misses a part"
    assert document["definition"]
    assert all(len(row) == len(document["columns"]) for row in document["rows"])


def test_every_field_of_a_question_stands_in_the_table_of_its_kind_as_the_reader_has_it() -> None:
    from bihuan.understand.explore.registry import kinds

    page = text_of("docs/how-to/ask.md")
    described = {name: kind for name, kind in kinds().items() if kind.fields}
    assert {"trend", "funnel"} <= described.keys()
    for name, kind in described.items():
        section = page.split(f"## `kind: {name}`")[1].split("\n## ")[0]
        assert re.findall(r"^\| `.*", section, re.MULTILINE) == [field.row for field in kind.fields], name
        assert kind.schema["properties"].keys() == {"kind", *(field.name for field in kind.fields)}


def test_every_example_of_a_question_fits_the_schema_of_its_kind() -> None:
    import jsonschema_rs

    from bihuan.understand.explore.registry import kinds

    examples = list(questions())
    assert len(examples) >= 10, "the documents have examples"
    for question in examples:
        document = json.loads(json.dumps(question, default=str))
        jsonschema_rs.validate(kinds()[question["kind"]].schema, document)


def test_every_measure_has_a_definition_and_stands_in_the_page_on_health() -> None:
    from bihuan.base.measures import measures

    page = text_of("docs/how-to/health-model.md")
    assert len(measures()) >= 10
    for name, measure in measures().items():
        for language, stop in (("en", "."), ("zh-hans", "。")):
            with translation.override(language):
                assert str(measure.definition).endswith(stop), f"{name} in {language}"
                assert str(measure.title), name
        assert f"(`{name}`)" in page, f"{name} does not stand in health-model.md"


def test_every_word_has_a_chinese_one_and_a_meaning() -> None:
    rows = [line.split("|")[1:-1] for line in text_of("docs/WORDS.md").splitlines() if line.startswith("| ")]
    assert len(rows) > 30
    assert not [row for row in rows if len(row) != 3 or not all(cell.strip() for cell in row)]


def test_pages_say_the_words_that_are_written_down() -> None:
    from babel.messages.pofile import read_po

    with (ROOT / "bihuan/locale/zh_Hans/LC_MESSAGES/django.po").open("rb") as file:
        catalogue = read_po(file, locale="zh_Hans")
    rows = [line.split("|")[1:3] for line in text_of("docs/WORDS.md").splitlines() if line.startswith("| ")][
        1:
    ]
    seen = 0
    for english, chinese in rows:
        for term, word in zip(english.split(","), re.split("、", chinese), strict=False):
            message = catalogue.get(re.sub(r" \(.*", "", term).strip().capitalize())
            if message is not None:
                seen += 1
                assert word.strip() in str(message.string), f"{term.strip()}: {message.string} on pages"
    assert seen > 20


def test_every_room_says_in_a_few_lines_what_it_is_for() -> None:
    rooms = {str(Path(name).parent) for name in tracked("apps.py")} | {
        "bihuan/capture/store", "bihuan/understand/engine", "bihuan/understand/stats",
    }  # fmt: skip
    assert len(rooms) > 15
    for room in sorted(rooms):
        readme = ROOT / room / "README.md"
        assert readme.exists(), f"{room} has no README.md"
        lines = readme.read_text(encoding="utf-8").splitlines()
        assert 3 <= len(lines) <= 15, f"{room}/README.md has {len(lines)} lines"


def test_every_decision_has_its_parts_and_a_number_of_its_own() -> None:
    names = [name for name in tracked(".md") if name.startswith("docs/decisions/")]
    numbers = [Path(name).name[:4] for name in names]
    assert numbers == [f"{n:04}" for n in range(1, len(names) + 1)]
    for name in names:
        missing = [
            part for part in ("**Decision.**", "**Why.**", "**Rejected.**") if part not in text_of(name)
        ]
        assert not missing, f"{name} lacks {missing}"


def test_the_changelog_has_this_version() -> None:
    from bihuan import __version__

    assert f"\n## {__version__}\n" in text_of("CHANGELOG.md")


def test_no_file_tells_where_it_was_made() -> None:
    home = str(Path.home()) + os.sep
    places = ["/wo" + "rk/", "/ro" + "ot/", "/home/" + "[a-z]", "/tm" + "p/[a-z]", "/Us" + "ers/"]
    hosts = ["files.python" + "hosted", "registry." + "npmjs", "pypi." + "org/simple", "index" + "-url [a-z]"]
    told = re.compile("|".join([re.escape(home), *places, *hosts]))
    found = []
    for name in tracked():
        try:
            text = text_of(name)
        except UnicodeDecodeError:
            continue
        found += [f"{name}: {match[0]}" for match in told.finditer(text)]
    assert not found
