"""Reads of decision chains."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from bihuan.know.accounts.models import Account
from bihuan.know.chain.models import ChainMember
from bihuan.know.chain.rules import ChainState, Link, chain_state


def link_of(member: ChainMember) -> Link:
    """The member as the pure rules see it."""
    return Link(
        person_id=member.person_id,
        role=member.role,
        stance=member.stance,
        influence=member.influence,
        last_contact_on=member.last_contact_on,
    )


def state_of(*, account: Account, on: date) -> ChainState:
    """The state of one account's chain."""
    return chain_state([link_of(member) for member in ChainMember.objects.filter(account=account)], on=on)


def states(*, account_ids: Iterable[int], on: date) -> dict[int, ChainState]:
    """The state of many chains in one query; accounts without a chain are absent."""
    links: dict[int, list[Link]] = defaultdict(list)
    for member in ChainMember.objects.filter(account_id__in=list(account_ids)):
        links[member.account_id].append(link_of(member))
    return {account_id: chain_state(members, on=on) for account_id, members in links.items()}


def members_of(*, account: Account) -> list[ChainMember]:
    """Members with their people, the influential first."""
    found: Any = ChainMember.objects.filter(account=account).select_related("person")
    return sorted(found, key=lambda member: (-member.influence, member.role, member.pk))
