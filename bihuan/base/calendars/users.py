"""Names of the customers that a calendar holds for: the room that keeps customers tells them, within a territory."""

from collections.abc import Callable, Iterable

from bihuan.base.access import Actor

#: (their numbers, who asks) → number: (name, address of the page); who is outside the territory is left out.
Find = Callable[[Iterable[int], Actor], dict[int, tuple[str, str]]]
_finders: list[Find] = []


def names_customers(find: Find) -> Find:
    """Register who knows customers by their number."""
    _finders.append(find)
    return find


def customers_by_number(account_ids: Iterable[int], *, actor: Actor) -> dict[int, tuple[str, str]]:
    """Name and address of each customer that the actor may see."""
    numbers = list(account_ids)
    return {number: told for find in _finders for number, told in find(numbers, actor).items()}
