"""How often somebody may ask: counted by the minute, in bounded memory. Pure: the moment comes in."""

from collections.abc import Hashable

MINUTE = 60.0
REMEMBERED = 20_000


class Pace:
    """At most so many a minute for each key. Whoever does not fit into its memory is let through: a stranger with many
    names must not shut out the others."""

    def __init__(self, *, most: int) -> None:
        self.most = most
        self._minute = -1
        self._counts: dict[Hashable, int] = {}

    def allows(self, key: Hashable, *, at: float) -> bool:
        """Whether one more is let through; it counts either way. `at` in seconds."""
        minute = int(at // MINUTE)
        if minute != self._minute:
            self._minute, self._counts = minute, {}
        if key not in self._counts and len(self._counts) >= REMEMBERED:
            return True
        self._counts[key] = self._counts.get(key, 0) + 1
        return self._counts[key] <= self.most
