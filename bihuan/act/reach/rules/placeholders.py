"""Placeholders such as {{ person.name }}: names from a short list are replaced once, and nothing else is ever evaluated."""

import re
from collections.abc import Iterable, Mapping

NAMES = (
    "person.name", "person.title", "account.name", "account.short_name", "account.industry", "account.city", "my_name",
)  # fmt: skip
#: Values that whoever sends the message gives along, such as {{ data.days_left }}.
OF_THE_SENDER = re.compile(r"data\.[a-z][a-z0-9_]{0,39}")
_CALLS = re.compile(r"<(?=/?at\b)", re.IGNORECASE)
_FOUND = re.compile(r"\{\{([^{}]{0,80})\}\}")


def names_in(text: str) -> list[str]:
    """The placeholders of a text in their order, each once; the braces of what is none too."""
    return list(dict.fromkeys(found[1].strip() for found in _FOUND.finditer(text)))


def is_known(name: str) -> bool:
    """Whether something can stand in its place."""
    return name in NAMES or OF_THE_SENDER.fullmatch(name) is not None


def unknown_in(texts: Iterable[str]) -> list[str]:
    """Placeholders that nobody knows, in their order; braces that do not close count as one."""
    found: list[str] = []
    for text in texts:
        found += [name for name in names_in(text) if not is_known(name)]
        rest = _FOUND.sub("", text)
        found += [mark for mark in ("{{", "}}") if mark in rest]
    return list(dict.fromkeys(found))


def filled(text: str, values: Mapping[str, str]) -> str:
    """The text with values in their places; one that is not given is empty. What a value holds is never read again, not by
    Feishu either: people name themselves, and nobody's name calls a whole group."""
    return _FOUND.sub(lambda found: _CALLS.sub("＜", values.get(found[1].strip(), "")), text)
