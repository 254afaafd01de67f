"""Facts: frozen records of something that happened, named in the past tense."""

import re
from dataclasses import asdict, dataclass, fields
from datetime import date, datetime
from typing import Any, ClassVar, Self

from django.utils.functional import Promise

_by_name: dict[str, type["Fact"]] = {}


@dataclass(frozen=True, kw_only=True)
class Fact:
    """Base class. Fields are JSON values; `account_id`, `person_id` and `product_id` tie it to the time line.
    `title` is what an audit calls it in the reader's language."""

    name: ClassVar[str] = ""
    title: ClassVar[str | Promise] = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        known = _by_name.setdefault(cls.name, cls)
        if known.__qualname__ != cls.__qualname__ or known.__module__ != cls.__module__:
            raise TypeError(f"two facts are called {cls.name!r}: {known.__module__} and {cls.__module__}")

    def payload(self) -> dict[str, Any]:
        """The fields as a JSON object."""
        return asdict(self)

    @classmethod
    def from_payload(cls, payload: dict[str, Any]) -> Self:
        """Back from JSON; fields that a later version dropped are passed over."""
        known = {field.name for field in fields(cls)}
        return cls(**{key: value for key, value in payload.items() if key in known})


def kept(value: Any) -> Any:
    """A field's value as a fact keeps it in `before` and `after`: JSON values as they are (None stays None), ISO dates,
    decimals and records as text."""
    if value is None or isinstance(value, (str, int, float, bool, list, dict)):
        return value
    return value.isoformat() if isinstance(value, (date, datetime)) else str(value)


def fact_class(name: str) -> type[Fact] | None:
    """The class of a stored fact's name; None when its app is gone."""
    return _by_name.get(name)


def title_of(name: str) -> str:
    """What a person calls a fact; its name in words when its app is gone."""
    kind = _by_name.get(name)
    return str(kind.title) if kind is not None and kind.title else name.replace("_", " ")


def fact_names() -> list[str]:
    """Every fact that some app can publish."""
    return sorted(_by_name)
