"""Every refusal of a question that the code can utter has Chinese words; the texts are read out of the source."""

import ast
import re
from pathlib import Path

from django.utils import translation

import bihuan
from bihuan.understand.explore.said import in_words

ROOMS = (
    "understand/engine",
    "understand/segments",
    "understand/explore",
    "serve/tickets",
    "earn/contracts",
    "foresee/health",
)
#: Only the command line says these, in its own language.
UNSAID = ("on_spark.py",)
#: A sentence that is made of two choices at once; its parts are listed as they come out.
MADE_UP = ("write X7, {event: name}, account.<field>X7, not 'X7'",)
CHINESE, ENGLISH = re.compile("[\u4e00-\u9fff]"), re.compile(r"\b(write|the|of|is|must|there|ask|not|a|an)\b")


def refusals() -> list[str]:
    """What stands in QuestionError(field, "…"), with X7 where a value comes."""
    found = []
    for room in ROOMS:
        for path in (Path(bihuan.__file__).parent / room).rglob("*.py"):
            if "tests" in path.parts or path.name in UNSAID:
                continue
            for node in ast.walk(ast.parse(path.read_text())):
                if (
                    isinstance(node, ast.Call)
                    and getattr(node.func, "id", "") == "QuestionError"
                    and len(node.args) > 1
                ):
                    found.append(said(node.args[1]))
    return [text for text in dict.fromkeys(found) if text and text not in MADE_UP]


def said(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if not isinstance(node, ast.JoinedStr):
        return ""
    parts = (str(one.value) if isinstance(one, ast.Constant) else "'X7'" if one.conversion == 114 else "X7"  # type: ignore[attr-defined]
             for one in node.values)  # fmt: skip
    return "".join(parts)


def test_every_refusal_is_said_in_chinese() -> None:
    texts = refusals()
    assert len(texts) > 100
    with translation.override("zh-hans"):
        told = {text: in_words(text) for text in texts}
    bare = re.compile(r"\{[^}]*\}|<[^>]*>|\"[^\"]*\"|'[^']*'|@[\w-]+")
    left = {text: words for text, words in told.items()
            if not CHINESE.search(words) or ENGLISH.search(bare.sub("", words))}  # fmt: skip
    assert left == {}
