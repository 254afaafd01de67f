"""`make new-app` in a copy of the project: what it makes passes the checks; what cannot be made is refused unchanged."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
LEFT_OUT = shutil.ignore_patterns(
    "__pycache__",
    "node_modules",
    ".git",
    ".venv",
    ".make",
    "*.egg-info",
    ".*_cache",
    ".bihuan*",
    "tmp",
    "build",
)
NEEDED = ("bihuan", "tests", "tools", "docs", "pyproject.toml", ".importlinter", "conftest.py", "Makefile")


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """The project as far as the checks of an app need it."""
    home = tmp_path / "copy"
    home.mkdir()
    for name in NEEDED:
        source = ROOT / name
        if source.is_dir():
            shutil.copytree(source, home / name, ignore=LEFT_OUT)
        else:
            shutil.copy2(source, home / name)
    return home


def run(copy: Path, *command: str) -> subprocess.CompletedProcess[str]:
    env = {
        key: value for key, value in os.environ.items() if not key.startswith(("BIHUAN_", "PYTEST_", "COV_"))
    }
    env |= {"PYTHONPATH": str(copy), "BIHUAN_HOME": str(copy.parent / "home")}
    for name in ("DATABASE_URL", "DJANGO_SETTINGS_MODULE"):
        env.pop(name, None)
    return subprocess.run([sys.executable, *command], cwd=copy, capture_output=True, text=True, env=env)


def passes(copy: Path, *command: str) -> None:
    done = run(copy, *command)
    assert done.returncode == 0, f"{command}\n{done.stdout[-4000:]}{done.stderr[-2000:]}"


def test_a_new_app_passes_the_checks_and_its_own_tests(copy: Path) -> None:
    made = run(copy, "tools/new_app.py", "serve", "visits")
    assert made.returncode == 0, made.stdout + made.stderr
    folder = "bihuan/serve/visits"
    passes(copy, "-m", "ruff", "check", folder, "tests/access_matrix.py", "bihuan/config/settings.py")
    passes(copy, "-m", "ruff", "format", "--check", folder)
    passes(copy, "-m", "importlinter.cli")
    catalogue = (copy / "bihuan/locale/zh_Hans/LC_MESSAGES/django.po").read_text(encoding="utf-8")
    assert 'msgid "New visit"\nmsgstr "新建拜访"\n' in catalogue
    assert 'msgid "Visits"\nmsgstr "拜访"\n' in catalogue
    passes(copy, "-m", "pytest", folder, "tests/test_boundaries.py", "tests/test_access.py", "-k",
           "visits or boundaries or listed or written_down")  # fmt: skip


@pytest.fixture
def tool(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """The tool's functions, at work on a copy of the files that they change."""
    spec = importlib.util.spec_from_file_location("new_app", ROOT / "tools" / "new_app.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    for name in (".importlinter", "bihuan/config/settings.py", "bihuan/serve/tickets/apps.py"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, tmp_path / name)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    return module


def test_an_app_in_a_stage_without_one_comes_under_contract(tool) -> None:
    tool.add_to_contracts(stage="attract", name="site_surveys")
    tool.add_to_settings(stage="attract", name="site_surveys")
    contracts = (tool.ROOT / ".importlinter").read_text(encoding="utf-8")
    assert "containers = bihuan.attract\nexhaustive = true\nlayers =\n    (site_surveys)\n" in contracts
    files = contracts.split("[importlinter:contract:app]")[1].split("layers =")[0]
    assert "    bihuan.attract.site_surveys\n" in files
    settings = (tool.ROOT / "bihuan/config/settings.py").read_text(encoding="utf-8")
    assert '"bihuan.act.plan",\n    "bihuan.attract.site_surveys",\n' in settings


def test_a_planned_app_keeps_its_place_in_the_contracts(tool) -> None:
    before = (tool.ROOT / ".importlinter").read_text(encoding="utf-8")
    tool.add_to_contracts(stage="serve", name="visits")
    assert (tool.ROOT / ".importlinter").read_text(encoding="utf-8") == before


@pytest.mark.parametrize(
    ("plural", "one"),
    [("visits", "visit"), ("queries", "query"), ("boxes", "box"), ("training", "training"), ("status", "status"),
     ("analysis", "analysis"), ("branches", "branch"), ("site_visits", "site_visit")],
)  # fmt: skip
def test_a_noun_is_told_from_its_plural(tool, plural: str, one: str) -> None:
    assert tool.singular(plural) == one


REFUSALS = [
    ("cellar", "visits", "There is no stage 'cellar'"),
    ("base", "visits", "There is no stage 'base'"),
    ("", "", "There is no stage ''"),
    ("serve", "", "is no name for an app"),
    ("serve", "Visits", "is no name for an app"),
    ("serve", "site-visits", "is no name for an app"),
    ("serve", "visits; ls", "is no name for an app"),
    ("serve", "../visits", "is no name for an app"),
    ("serve", "class", "is a word of Python or of the house"),
    ("serve", "accounts", "is a word of Python or of the house"),
    ("serve", "actions", "is a word of Python or of the house"),
    ("serve", "contracts", "The label 'contracts' is taken"),
    ("serve", "auth", "The label 'auth' is taken"),
    ("serve", "palette", "The address 'palette' is taken"),
    ("serve", "tickets", "is there already"),
]


@pytest.mark.parametrize(("stage", "name", "why"), REFUSALS)
def test_what_cannot_be_made_is_refused(tool, stage: str, name: str, why: str) -> None:
    with pytest.raises(tool.Refused, match=re.escape(why)):
        tool.check(stage=stage, name=name)


def test_nothing_is_written_when_it_is_refused(tool) -> None:
    with pytest.raises(tool.Refused):
        tool.main("serve", "contracts")
    assert not (tool.ROOT / "bihuan/serve/contracts").exists()
