"""Measures of the decision chain, as it was known on the day."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.history import History, register_history
from bihuan.base.measures import Measure, Tables, register_measure
from bihuan.know.chain.rules import CONTACT_WINDOW_DAYS, ROLES_TO_COVER

#: How long a member who left is counted.
LEFT_DAYS = 28
#: What is unknown by then is written as nothing: from a moment back nobody kept it, or an import dated the place back.
NOTHING_KNOWN = {"stance": None, "influence": None, "last_contact_on": None}
#: Every change of a place says what there was before: a contact counts from when somebody noted it.
HISTORY = register_history(History(
    table="chain_chainmember", begins="known_since", fixed=("account_id", "person_id", "role"),
    changed=("stance", "influence", "last_contact_on"), row="member_id",
    facts=("chain_member_set", "chain_contacted", "chain_imported", "chain_history_begun"),
))  # fmt: skip


def _members(tables: Tables, *columns: str) -> str:
    """Members known by the day, with these columns."""
    wanted = ("account_id", "person_id", *columns)
    rows = tables.records(HISTORY.table, *wanted, "known_since")
    return f"(SELECT {', '.join(wanted)} FROM {rows} WHERE known_since < {tables.cutoff})"


def _in_touch(tables: Tables, *columns: str) -> str:
    """The same with their last contact; one after the day does not count yet. Nothing is known of a place without a stance."""
    members = _members(tables, "stance", *columns, "last_contact_on")
    return (
        f"(SELECT *, CASE WHEN last_contact_on <= DATE '{tables.day}' THEN last_contact_on END AS contact FROM {members}"
        " WHERE stance IS NOT NULL)"
    )


def coverage(tables: Tables) -> str:
    """Share of the five roles that someone known fills."""
    roles = ", ".join(f"'{role}'" for role in ROLES_TO_COVER)
    return (
        f"SELECT account_id, count(DISTINCT role) FILTER (WHERE role IN ({roles})) / {len(ROLES_TO_COVER)}.0 AS value"
        f" FROM {_members(tables, 'role')} GROUP BY account_id"
    )


def people_in_touch(tables: Tables) -> str:
    """Different members spoken with in the last 90 days."""
    return (
        "SELECT account_id, count(DISTINCT person_id) FILTER"
        f" (WHERE contact >= DATE '{tables.day}' - {CONTACT_WINDOW_DAYS}) AS value"
        f" FROM {_in_touch(tables)} GROUP BY account_id"
    )


def champion_silent(tables: Tables) -> str:
    """Days since the last contact with any champion."""
    return (
        f"SELECT account_id, min(date_diff('day', contact, DATE '{tables.day}')) AS value"
        f" FROM {_in_touch(tables, 'influence')} WHERE stance >= 1 AND influence >= 2"
        " AND contact IS NOT NULL GROUP BY account_id"
    )


def key_people_left(tables: Tables) -> str:
    """Members whose membership in the account ended in the last 28 days, and who hold no other one there."""
    held = tables.records("accounts_membership", "account_id", "person_id", "starts_on", "ends_on")
    return (
        "SELECT c.account_id, count(DISTINCT c.person_id) FILTER"
        f" (WHERE g.left_on > DATE '{tables.day}' - {LEFT_DAYS}) AS value"
        f" FROM {_members(tables)} c LEFT JOIN (SELECT account_id, person_id, max(ends_on) AS left_on FROM {held}"
        f" WHERE starts_on <= DATE '{tables.day}' GROUP BY ALL"
        f" HAVING bool_and(ends_on IS NOT NULL AND ends_on <= DATE '{tables.day}')) g"
        " ON g.account_id = c.account_id AND g.person_id = c.person_id GROUP BY c.account_id"
    )


register_measure(Measure(
    name="chain_coverage", title=_("Decision chain covered"), higher_is_better=True, sql=coverage, kind="percent",
    definition=_("Share of user, evaluator, budget holder, decision maker and signer whom we know."),
))  # fmt: skip
register_measure(Measure(
    name="people_in_touch", title=_("People in touch"), higher_is_better=True, sql=people_in_touch,
    definition=_("Members of the decision chain with a contact in the last 90 days; one is a single thread."),
))  # fmt: skip
register_measure(Measure(
    name="champion_silent_days", title=_("Champion silent"), higher_is_better=False, sql=champion_silent, kind="days",
    definition=_("Days since the last contact with a champion (stance +1 or better, influence 2 or 3)."),
))  # fmt: skip
register_measure(Measure(
    name="key_people_left", title=_("Key people who left"), higher_is_better=False, sql=key_people_left,
    definition=_("Members of the decision chain whose time in the customer ended in the last 28 days."),
))  # fmt: skip
