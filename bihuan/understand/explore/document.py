"""A question as a text. YAML is the truth: what a form does not know survives in it. JSON is read too."""

import re
from collections.abc import Mapping
from typing import Any

import yaml

from bihuan.understand.engine.answer import QuestionError

LONGEST = 20_000


class _Loader(yaml.SafeLoader):
    """`returned: on` is a word here, as in the documents: only true and false are truth values."""

    yaml_implicit_resolvers = {
        first: [(tag, found) for tag, found in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|True|false|False)$"), list("tTfF")
)


def read_text(text: str) -> dict[str, Any]:
    """The question that a text says; QuestionError tells where it cannot be read."""
    if len(text) > LONGEST:
        raise QuestionError("question", f"it is longer than {LONGEST} characters")
    try:
        if any(isinstance(event, yaml.AliasEvent) for event in yaml.parse(text, Loader=_Loader)):
            raise QuestionError("question", "write values out; aliases (*name) are not read")
        document = yaml.load(text, Loader=_Loader)  # noqa: S506 - a safe loader that knows fewer truth values
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 1
        raise QuestionError("question", f"line {line} is not YAML: {error.problem or error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise QuestionError("question", f"it is not YAML: {str(error).splitlines()[0]}") from None
    if not isinstance(document, Mapping):
        raise QuestionError("question", "write a document with a kind, such as kind: trend")
    return {str(name): value for name, value in document.items()}


def write_text(document: Mapping[str, Any]) -> str:
    """The same as YAML, short values on one line."""
    text: str = yaml.safe_dump(
        dict(document), sort_keys=False, allow_unicode=True, default_flow_style=None, width=100
    )
    return text
