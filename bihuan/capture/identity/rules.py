"""Decisions about ids, people and accounts. Pure."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

MAX_ID = 255
_UNPRINTABLE = re.compile("[\x00-\x1f\ud800-\udfff]")
#: Ids that SDKs send when there is no id; everyone who has none would become one person.
_NO_ID = {
    "",
    "null",
    "undefined",
    "none",
    "nil",
    "nan",
    "guest",
    "anonymous",
    "unknown",
    "0",
    "-1",
    "true",
    "false",
}
_NO_ID |= {"id", "distinct_id", "distinctid", "email", "not_authenticated", "n/a", "na", "-", ".", "{}", "[]"}
_NO_ID |= {"[object_object]", "00000000-0000-0000-0000-000000000000"}


def why_refused(distinct_id: str) -> str | None:
    """Why this id names nobody, in a sentence; None when it may name somebody."""
    bare = "_".join(distinct_id.strip(" \"'").lower().split())
    if not bare:
        return "The distinct_id is empty."
    if bare in _NO_ID:
        return f"The distinct_id {distinct_id[:40]!r} stands for nobody in particular."
    if len(distinct_id) > MAX_ID:
        return f"The distinct_id is longer than {MAX_ID} characters."
    if _UNPRINTABLE.search(distinct_id):
        return "The distinct_id holds control characters."
    return None


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of the person behind an id."""

    person_id: int
    anonymous: bool


class Verdict(StrEnum):
    """What an identify with another id does."""

    NOTHING = "nothing"  # both are one person already
    LINK_OTHER = "link_other"  # the other id becomes one more id of the main person
    LINK_MAIN = "link_main"  # the main id becomes one more id of the other person
    MERGE = "merge"  # the other, anonymous person becomes part of the main one
    KEEP_APART = "keep_apart"  # two known people: an operator may merge them, nobody else


def identify(*, main: Known | None, other: Known | None) -> Verdict:
    """`main` is now known to be the same human as `other` (an anonymous id); what follows?"""
    if other is None:
        return Verdict.LINK_OTHER
    if main is None:
        return Verdict.LINK_MAIN if other.anonymous else Verdict.KEEP_APART
    if main.person_id == other.person_id:
        return Verdict.NOTHING
    return Verdict.MERGE if other.anonymous else Verdict.KEEP_APART


@dataclass(frozen=True, kw_only=True)
class Belongs:
    """A membership: valid on [starts_on, ends_on)."""

    account_id: int
    starts_on: date
    ends_on: date | None


def account_on(memberships: Iterable[Belongs], day: date) -> int | None:
    """The account a person belongs to on that day; of several, the one that began last."""
    valid = [m for m in memberships if m.starts_on <= day and (m.ends_on is None or day < m.ends_on)]
    return max(valid, key=lambda m: (m.starts_on, m.account_id)).account_id if valid else None


def changed_traits(
    *, now: Mapping[str, Any], set_: Mapping[str, Any], set_once: Mapping[str, Any]
) -> dict[str, Any]:
    """Which fields of a person the traits change: name, email, phone, title, and `props` for all the rest.

    `now` has those five. A trait that does not fit its field (not text, too long) stays in `props` only.
    """
    props: dict[str, Any] = dict(now["props"])
    for key, value in set_once.items():
        props.setdefault(key, value)
    props.update(set_)
    changed: dict[str, Any] = {"props": props} if props != now["props"] and len(props) <= 200 else {}
    for field, limit in _TRAITS.items():
        for key in (field, f"${field}"):
            for traits, only_once in ((set_once, True), (set_, False)):
                value = traits.get(key)
                fits = isinstance(value, str) and 0 < len(value.strip()) <= limit
                if not fits or (field == "email" and "@" not in str(value)) or (only_once and now[field]):
                    continue
                if str(value).strip() != now[field]:
                    changed[field] = str(value).strip()
    return changed


_TRAITS = {"name": 120, "email": 254, "phone": 40, "title": 120}


#: Domains of mailboxes that anybody may have: they say nothing about where somebody works.
PUBLIC_MAIL = frozenset(
    {
        "126.com",
        "139.com",
        "163.com",
        "189.cn",
        "21cn.com",
        "aliyun.com",
        "aol.com",
        "foxmail.com",
        "gmail.com",
        "gmx.com",
        "gmx.de",
        "googlemail.com",
        "hotmail.com",
        "icloud.com",
        "live.com",
        "mac.com",
        "mail.ru",
        "me.com",
        "msn.com",
        "outlook.com",
        "proton.me",
        "protonmail.com",
        "qq.com",
        "sina.cn",
        "sina.com",
        "sohu.com",
        "tom.com",
        "vip.163.com",
        "vip.qq.com",
        "web.de",
        "wo.cn",
        "yahoo.co.jp",
        "yahoo.com",
        "yandex.ru",
        "yeah.net",
        "zoho.com",
    }
)


def domain_of(email: str) -> str | None:
    """The domain of a company's e-mail address in lower case; None for a public mailbox or no address."""
    _name, at, domain = email.strip().lower().rpartition("@")
    return domain if at and "." in domain and domain not in PUBLIC_MAIL else None


def accounts_by_domain(members: Iterable[tuple[str, int]]) -> dict[str, tuple[int, int]]:
    """From (e-mail, account) of members to domain → (account, how many of its members have it).

    A domain that members of several accounts have points nowhere, for it does not tell them apart.
    """
    found: dict[str, dict[int, int]] = {}
    for email, account in members:
        domain = domain_of(email)
        if domain is not None:
            counts = found.setdefault(domain, {})
            counts[account] = counts.get(account, 0) + 1
    return {domain: next(iter(counts.items())) for domain, counts in found.items() if len(counts) == 1}
