"""What a rule's names are called. Rooms give them; the sentences ask."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from bihuan.base.ui.nav import Text


@dataclass(frozen=True, kw_only=True)
class Named:
    """A field or measure: its title, and how its values are written.

    `kind` is that of a measure (number, money, percent, days, hours, score), "date", or "text". `change`: the value is a
    change, so that below 0 it fell. `choices` are the words of its values. `present` and `absent` are what one says when
    it is known and when it is not, where "… is filled in" would not do. `earlier` is the name of the same thing now, when
    this is how it was, and `then` says when. `asked`: the title is a question or a heading, so values follow a colon.
    """

    title: Text
    kind: str = "number"
    change: bool = False
    choices: Mapping[str, Text] = field(default_factory=dict)
    present: Text = ""
    absent: Text = ""
    earlier: str = ""
    then: str = ""
    asked: bool = False


@dataclass(frozen=True, kw_only=True)
class Deed:
    """How often something was done: `what` are events by name, none for any product event; `where` narrows it, in words;
    counted over `days` days that ended `back` days ago, as events, or as days with such an event (`daily`)."""

    what: tuple[str, ...] = ()
    where: str = ""
    days: int = 28
    back: int = 0
    daily: bool = False


Known = Named | Deed
#: The thing of a path such as ("account", "tier"); None when nobody knows it.
Names = Callable[[tuple[str, ...]], Known | None]
