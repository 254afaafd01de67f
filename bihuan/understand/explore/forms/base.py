"""What every input of the form has: its place in the template, its value, and what is wrong with it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from bihuan.base.ui.nav import Text

Said = Mapping[str, str]


class Unsayable(ValueError):
    """The form cannot say this value."""


@dataclass(kw_only=True)
class Input:
    """One field as the template draws it. `widget`: choice, pick, text, number, check, day, rule, period, events, rows, or
    those of `of_units`.

    `value` is a text; for a pick {choice, property}; for events a row, for rows a list of rows, for a period {preset, first,
    last}; for a field or fields what stands in no group of `groups`, {was, more}. `extras` are the columns of a row beyond
    events, where and label. `errors` are sentences; `row_errors` those of a row by its number.
    """

    name: str
    title: Text
    widget: str
    value: Any = ""
    help: Text = ""
    choices: list[tuple[str, str]] = field(default_factory=list)
    groups: list[tuple[str, list[tuple[str, str, bool]]]] = field(default_factory=list)
    suggestions: str = ""
    extras: tuple[str, ...] = ()
    least: int | None = None
    most: int | None = None
    needed: bool = False
    more: bool = False
    errors: list[str] = field(default_factory=list)
    row_errors: dict[int, list[str]] = field(default_factory=dict)

    @property
    def says(self) -> bool:
        """Whether something other than what holds anyway is filled in."""
        if self.widget == "moment":
            return bool(self.value["choice"] != "contract")
        return any(self.value.values()) if isinstance(self.value, dict) else bool(self.value)
