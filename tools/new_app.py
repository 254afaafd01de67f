"""Scaffold an app: `make new-app STAGE=serve NAME=visits [ZH=拜访]`.

Writes bihuan/<stage>/<name> from tools/scaffold, adds it to HOUSE_APPS, to the import contracts where they do not know
it yet, to the access matrix and to the Chinese catalogue, and makes its first migration. `make check` passes afterwards.
Refuses, before anything is written, a stage there is none of and a name that is taken or no good name.
"""

import ast
import keyword
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
SCAFFOLD = ROOT / "tools" / "scaffold"
SECTION = {
    "know": "customers", "capture": "settings", "understand": "insight", "foresee": "foresight", "act": "processes",
    "attract": "marketing", "earn": "sales", "serve": "service", "improve": "product", "steer": "strategy",
}  # fmt: skip
#: The Chinese words of nouns that are planned; others are given with ZH=.
CHINESE = {
    "visits": "拜访", "knowledge": "知识库文章", "training": "培训", "delivery": "交付项目", "quality": "服务质量",
    "deals": "商机", "settlement": "结算", "partners": "服务商", "links": "短链接", "presence": "在线状态",
    "segments": "分群", "experiments": "实验", "tiers": "客户分级", "signals": "信号", "warning": "预警", "sop": "流程",
    "reach": "触达", "plays": "策略", "plan": "每周计划", "membership": "会员", "content": "内容", "campaigns": "活动",
    "attribution": "归因", "market": "市场情报", "demands": "需求", "issues": "产品问题", "cocreation": "共创",
    "strategy": "战略", "scorecard": "平衡计分卡", "costing": "服务成本", "reviews": "复盘",
}  # fmt: skip
#: Files of a room, and words that the scaffold uses as variables.
HOUSE_WORDS = {
    "tests", "migrations", "actions", "admin", "api", "apps", "events", "forms", "jobs", "management", "metrics",
    "models", "pages", "panels", "queries", "reactions", "rules", "steps", "templates", "urls", "static",
}  # fmt: skip
VARIABLES = {
    "account", "actor", "after", "at", "before", "by", "changed", "fact", "field", "form", "found", "made", "name",
    "note", "row", "self",
}  # fmt: skip
NAME = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+)*")
LONGEST = 22


class Refused(Exception):
    """What is asked for cannot be made; the text says why and what to do."""


def main(stage: str, name: str, chinese: str = "") -> None:
    """Check, write, tidy."""
    check(stage=stage, name=name)
    words = words_of(stage=stage, name=name, chinese=chinese or CHINESE.get(name, ""))
    folder = ROOT / "bihuan" / stage / name
    for source in sorted(SCAFFOLD.rglob("*.txt")):
        target = folder / source.relative_to(SCAFFOLD).with_suffix("")
        if target.name == "test_are_recorded.py":
            target = target.with_name(f"test_{name}_are_recorded.py")
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(filled(source.read_text(encoding="utf-8"), words), encoding="utf-8")
    add_to_settings(stage=stage, name=name)
    add_to_contracts(stage=stage, name=name)
    add_to_access_matrix(name=name, noun=words["noun"])
    run("-m", "django", "makemigrations", name, "--verbosity", "0")
    run("-m", "ruff", "check", "--fix", "--quiet", str(folder), "tests/access_matrix.py")
    run("-m", "ruff", "format", "--quiet", str(folder))
    add_to_catalogue(words)
    print(
        f"bihuan/{stage}/{name} is there. Next: say in its README.md what it is for; then make check && make test."
    )
    if not chinese and name not in CHINESE:
        print(
            f"Its Chinese texts say {words['zh']!r}: write the word in bihuan/locale, or begin again with ZH=."
        )


def check(*, stage: str, name: str) -> None:
    """Raise Refused unless this app can be made."""
    if stage not in SECTION:
        raise Refused(f"There is no stage {stage!r} for apps. STAGE= is one of: {', '.join(SECTION)}.")
    if not NAME.fullmatch(name) or len(name) > LONGEST:
        raise Refused(
            f"{name!r} is no name for an app. NAME= is a plural noun in small letters, digits and single underscores, "
            f"at most {LONGEST} characters, such as visits."
        )
    noun = singular(name)
    classes = {camel(noun), camel(name)} & imported_names()
    if any(map(keyword.iskeyword, (name, noun))) or name in HOUSE_WORDS or noun in VARIABLES or classes:
        raise Refused(f"{name!r} is a word of Python or of the house; choose another NAME=.")
    if (ROOT / "bihuan" / stage / name).exists():
        raise Refused(f"bihuan/{stage}/{name} is there already; choose another NAME=.")
    for what, taken in taken_names().items():
        for word in {name, path_of(name), f"{noun}_added", f"{noun}_changed"} & taken:
            raise Refused(f"The {what} {word!r} is taken already; choose another NAME=.")


def taken_names() -> dict[str, set[str]]:
    """Names that Django or another room uses: labels, first parts of addresses, nouns of permissions, facts."""
    import django
    from django.apps import apps
    from django.urls import get_resolver

    django.setup()
    from bihuan.base.access import permissions
    from bihuan.base.bus.facts import Fact

    paths: set[str] = set()

    def walk(patterns: list[object], prefix: str) -> None:
        for pattern in patterns:
            where = prefix + str(getattr(pattern, "pattern", ""))
            if hasattr(pattern, "url_patterns"):
                walk(pattern.url_patterns, where)
            else:
                paths.add(where.removeprefix("api/v1/").split("/")[0])

    walk(get_resolver().url_patterns, "")
    return {
        "label": {config.label for config in apps.get_app_configs()},
        "noun": {permission.split(".")[0] for permission in permissions()},
        "address": paths,
        "fact": {fact.name for fact in Fact.__subclasses__()},
    }


def imported_names() -> set[str]:
    """What the scaffold's own files import: a class of the same name would hide it."""
    names: set[str] = set()
    for source in SCAFFOLD.rglob("*.py.txt"):
        tree = ast.parse(re.sub(r"§\w+§", "x", source.read_text(encoding="utf-8")))
        names |= {
            alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names
        }
    return names


def words_of(*, stage: str, name: str, chinese: str) -> dict[str, str]:
    """Every form of the noun that the scaffold uses."""
    noun = singular(name)
    human, plural = noun.replace("_", " "), name.replace("_", " ")
    return {
        "stage": stage, "nav": SECTION[stage], "path": path_of(name), "nouns": name, "noun": noun,
        "Nouns": camel(name), "Noun": camel(noun), "human": human, "Human": human.capitalize(),
        "plural": plural, "Plural": plural.capitalize(), "zh": chinese or plural,
    }  # fmt: skip


def singular(name: str) -> str:
    """visits → visit, queries → query, boxes → box; a word without a plural stays."""
    for ending, instead in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if name.endswith(ending) and len(name) > len(ending) + 1:
            return name.removesuffix(ending) + instead
    return (
        name[:-1] if name.endswith("s") and not name.endswith(("ss", "us", "is")) and len(name) > 3 else name
    )


def camel(name: str) -> str:
    """on_site_visits → OnSiteVisits."""
    return "".join(part.capitalize() for part in name.split("_"))


def path_of(name: str) -> str:
    """on_site_visits → on-site-visits."""
    return name.replace("_", "-")


def filled(text: str, words: dict[str, str]) -> str:
    """The text with every §word§ replaced; one that is unknown is an error."""
    return re.sub(r"§(\w+)§", lambda found: words[found[1]], text)


def add_to_settings(*, stage: str, name: str) -> None:
    """After the last app of its stage, or of the nearest stage below that has one."""
    path = ROOT / "bihuan" / "config" / "settings.py"
    text = path.read_text(encoding="utf-8")
    order = ["base", *SECTION]
    for below in reversed(order[: order.index(stage) + 1]):
        last = list(re.finditer(rf'^    "bihuan\.{below}\.\w+",\n', text, re.MULTILINE))
        if last:
            at = last[-1].end()
            path.write_text(text[:at] + f'    "bihuan.{stage}.{name}",\n' + text[at:], encoding="utf-8")
            return
    raise Refused("HOUSE_APPS in bihuan/config/settings.py has no app to stand beside.")


def add_to_contracts(*, stage: str, name: str) -> None:
    """Name the app on top of its stage unless it is planned there, and put it under the contract of files."""
    path = ROOT / ".importlinter"
    text = path.read_text(encoding="utf-8")
    head = f"containers = bihuan.{stage}\nexhaustive = true\nlayers =\n"
    before, found, after = text.partition(head)
    if not found:
        raise Refused(f".importlinter has no contract for the stage {stage!r}.")
    if f"({name})" not in after.split("\n\n")[0]:
        after = f"    ({name})\n{after}"
    text = before + found + after
    containers = re.search(
        r"(\[importlinter:contract:app\]\n.*?containers =\n)((?:    [^\n]*\n)+)", text, re.DOTALL
    )
    assert containers is not None, ".importlinter has no contract for the files of an app"
    if f"bihuan.{stage}.*" not in containers[2] and f"bihuan.{stage}.{name}\n" not in containers[2]:
        at = containers.end(2)
        text = f"{text[:at]}    bihuan.{stage}.{name}\n{text[at:]}"
    path.write_text(text, encoding="utf-8")


def add_to_access_matrix(*, name: str, noun: str) -> None:
    """Who may do what, by hand as for all; see tests/access_matrix.py."""
    path = ROOT / "tests" / "access_matrix.py"
    text = path.read_text(encoding="utf-8")
    entries = {
        "PERMISSIONS": f'    "{name}.view": OURS,\n    "{name}.edit": "admin manager operator",\n'
        f'    "{name}.export": "admin manager analyst",\n',
        "ROUTES": f'    "{name}:list": ("GET", "{name}.view", ""),\n    "{name}:new": ("GET", "{name}.edit", ""),\n'
        f'    "{name}:edit": ("GET", "{name}.edit", "none"),\n',
        "OPERATIONS": f'    "list_{name}": ("{name}.view", ""),\n    "read_{noun}": ("{name}.view", "none"),\n'
        f'    "create_{noun}": ("{name}.edit", "bare"),\n',
        "EXPORTS": f'    "{name}": "{name}.export",\n',
    }
    for table, lines in entries.items():
        text, count = re.subn(rf"(^{table} = {{\n.*?)(^}})", rf"\g<1>{lines}\g<2>", text, count=1,
                              flags=re.DOTALL | re.MULTILINE)  # fmt: skip
        if not count:
            raise Refused(f"tests/access_matrix.py has no table {table}.")
    path.write_text(text, encoding="utf-8")


def add_to_catalogue(words: dict[str, str]) -> None:
    """The Chinese of the scaffold's texts; a Latin word gets its spaces."""
    import translations
    from babel.messages.pofile import write_po

    translations.extract()
    zh = words["zh"]
    before, after = (f" {zh}", f"{zh} ") if zh.isascii() else (zh, zh)
    chinese = {
        words["Plural"]: zh,
        f"{words['Human']} added": f"新增{before}",
        f"{words['Human']} changed": f"{after}变更",
        f"New {words['human']}": f"新建{before}",
        f"Edit {words['human']}": f"编辑{before}",
        f"No {words['plural']} yet": f"还没有{before}",
        f"{words['Human']} added.": f"{after}已添加。",
        f"{words['Human']} saved.": f"{after}已保存。",
    }
    catalogue = translations.stored()
    for text, written in chinese.items():
        message = catalogue.get(text)
        if message is not None and not message.string:
            message.string = written
    with translations.CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, no_location=True, omit_header=False)
    translations.compile_all()


def run(*arguments: str) -> None:
    """Python with these arguments, in this copy of the project."""
    done = subprocess.run([sys.executable, *arguments], cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        raise Refused(f"{' '.join(arguments[:3])} failed:\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    sys.path[:0] = [str(ROOT), str(ROOT / "tools")]
    with tempfile.TemporaryDirectory() as home:
        os.environ |= {"DJANGO_SETTINGS_MODULE": "bihuan.config.settings", "BIHUAN_HOME": home,
                       "PYTHONPATH": str(ROOT)}  # fmt: skip
        os.environ.pop("DATABASE_URL", None)
        try:
            main(*([*sys.argv[1:], "", ""][:3]))
        except Refused as refused:
            sys.exit(str(refused))
