"""Kinds of signals as pure reading: what a rule speaks of, and a sentence with numbers in it."""

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from bihuan.base.rules import RuleError, evaluate, parsed, paths_in
from bihuan.understand.engine.answer import QuestionError
from bihuan.understand.engine.scope import read_rule
from bihuan.understand.engine.segment import Behaviour, read_behaviours

MOST_DAYS_BEFORE = 365
MOST_NUMBERS = 12
#: So much of a text is kept with a signal.
MOST_TEXT = 500
#: What the rule of a subject may speak of.
WORDS = {
    "account": ("account", "m", "measure", "chain", "behaviour", "before"),
    "person": ("person", "account", "m", "measure", "chain", "behaviour", "before"),
    "product": ("product", "m", "measure", "behaviour", "before"),
    "region": ("region", "m", "measure", "behaviour", "before"),
    "feature": ("feature", "behaviour", "before"),
}
OWN_FIELDS = {
    "product": ("name", "key"),
    "region": ("name", "key", "accounts", "people"),
    "feature": ("name",),
}
_BRACES = re.compile(r"\{([^{}]{1,300})\}")
_AS = re.compile(r"\s*(percent|money|days|hours|score|number|fall)\s*:\s*(.+)", re.DOTALL)


class KindError(ValueError):
    """A kind that cannot be looked for; `field` is what to change."""

    def __init__(self, field: str, message: str) -> None:
        super().__init__(message)
        self.field = field


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """A kind read and checked: what it is about, its rule, what it counts, how many days `before` lies back, and the
    expressions whose values its sentence says."""

    about: str
    rule: str
    behaviour: tuple[Behaviour, ...]
    against: int
    says: tuple[str, ...]

    @property
    def columns(self) -> tuple[str, ...]:
        """Every column that rule and sentence need, such as `m.mrr`, `before.mrr`, `account.tier`."""
        found = {column_of(path) for text in (self.rule, *self.says) for path in paths_in(text)}
        return tuple(sorted(found))

    @property
    def numbers(self) -> tuple[str, ...]:
        """The columns of the rule that are measured or counted."""
        found = {column_of(path) for path in paths_in(self.rule)}
        return tuple(
            sorted(one for one in found if one.split(".")[0] in ("m", "behaviour", "before", "chain"))
        )


def column_of(path: tuple[str, ...]) -> str:
    """The column of a name; `measure` and `m` are the same."""
    return ".".join(("m" if path[0] == "measure" else path[0], *path[1:]))


def placeholders(sentence: str) -> tuple[str, ...]:
    """What stands in braces, as written."""
    return tuple(dict.fromkeys(_BRACES.findall(sentence)))


def expression_of(placeholder: str) -> tuple[str, str]:
    """(how to write it or "", the CEL): `{percent: m.a / m.b}` is ("percent", "m.a / m.b")."""
    found = _AS.fullmatch(placeholder)
    return (found[1], found[2].strip()) if found else ("", placeholder.strip())


def filled(sentence: str, *, write: Any) -> str:
    """The sentence with `write(kind, expression)` in place of each pair of braces."""
    return _BRACES.sub(lambda found: str(write(*expression_of(found[1]))), sentence)


def read_kind(
    *,
    about: str,
    rule: str,
    sentence: str = "",
    behaviour: Mapping[str, Any] | None = None,
    against: int = 28,
) -> Wanted:
    """A checked kind. KindError names the field, the value and the remedy."""
    if about not in WORDS:
        raise KindError("about", f"{about!r} is none of {', '.join(WORDS)}")
    if not 1 <= against <= MOST_DAYS_BEFORE:
        raise KindError("against", f"write a number of days from 1 to {MOST_DAYS_BEFORE}, not {against}")
    try:
        counted = read_behaviours(behaviour or None)
        if not read_rule(rule or None, "rule"):
            raise KindError("rule", "write a rule such as m.active_people < 0.8 * before.active_people")
    except QuestionError as error:
        place = "behaviour" if error.field.startswith("behaviour") else "rule"
        raise KindError(place, str(error)) from None
    says = tuple(expression_of(one)[1] for one in placeholders(sentence))
    if len(says) > MOST_NUMBERS:
        raise KindError("sentence", f"say at most {MOST_NUMBERS} numbers, not {len(says)}")
    for field, text in (("rule", rule), *(("sentence", one) for one in says)):
        _check_names(text, field=field, about=about, counted={one.name for one in counted})
    return Wanted(about=about, rule=rule, behaviour=counted, against=against, says=says)


def _check_names(text: str, *, field: str, about: str, counted: Iterable[str]) -> None:
    try:
        parsed(text)
        paths = paths_in(text)
    except RuleError as error:
        raise KindError(field, str(error)) from None
    for path in sorted(paths):
        name, whose = ".".join(path), path[0]
        if (
            whose not in WORDS[about]
            or len(path) < 2
            or len(path) > 3
            or (len(path) == 3 and path[1] != "props")
        ):
            raise KindError(field, f"unknown name {name!r}; about a {about} there is: "
                            + ", ".join(f"{one}.<name>" for one in WORDS[about]))  # fmt: skip
        if whose == "behaviour" and path[1] not in counted:
            raise KindError(field, f"{name} is not described; say under behaviour what is counted")
        own = OWN_FIELDS.get(whose)
        if own is not None and path[1] not in own:
            raise KindError(
                field, f"unknown name {name!r}; there is: {', '.join(f'{whose}.{one}' for one in own)}"
            )
        if whose == "before" and about == "feature" and path[1] not in counted:
            raise KindError(field, f"{name} is not described; say under behaviour what is counted")


def nested(row: Mapping[str, Any]) -> dict[str, Any]:
    """{"m.mrr": 1} as {"m": {"mrr": 1}}, as CEL reads it."""
    found: dict[str, Any] = {}
    for column, value in row.items():
        inner = found
        *above, last = column.split(".")
        for part in above:
            inner = inner.setdefault(part, {})
        inner[last] = value
    return found


def numbers_of(wanted: Wanted, row: Mapping[str, Any]) -> dict[str, Any]:
    """What to keep of a subject: every number of the rule by column, and the value of every expression of the sentence."""
    record = nested(row)
    found = {column: row.get(column) for column in wanted.numbers}
    for text in wanted.says:
        if text in found:
            continue
        try:
            found[text] = evaluate(text, {word: {} for word in WORDS[wanted.about]} | record)
        except RuleError:
            found[text] = None
    return {name: _kept(value) for name, value in found.items()}


def _kept(value: Any) -> Any:
    """As JSON holds it: days as text, durations in seconds; what is no number is nothing."""
    if isinstance(value, float):
        return round(value, 6) if math.isfinite(value) else None
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat()
    if isinstance(value, timedelta):
        return value.total_seconds()
    if isinstance(value, list):
        return [_kept(one) for one in value]
    return value.replace("\x00", "")[:MOST_TEXT] if isinstance(value, str) else value
