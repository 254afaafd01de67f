"""What keeps a diagram from running, as facts; the words for them are the pages'."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal


@dataclass(frozen=True, kw_only=True)
class Problem:
    """`code` says what, `element` where (an id, "" for the whole), `name` what people call it, `values` the details.

    An "error" keeps a version from being published; a "warning" does not.
    """

    code: str
    element: str = ""
    name: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    level: Literal["error", "warning"] = "error"
