"""Measures of the decision chain, as it was known on the day."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.measures import Measure, Tables, register_measure
from bihuan.know.chain.rules import CONTACT_WINDOW_DAYS, ROLES_TO_COVER

COLUMNS = ("account_id", "person_id", "role", "stance", "influence", "last_contact_on", "known_since")


def _members(tables: Tables) -> str:
    """Members known by the day; a contact after the day does not count yet."""
    return (
        "(SELECT account_id, person_id, role, stance, influence,"
        f" CASE WHEN last_contact_on <= DATE '{tables.day}' THEN last_contact_on END AS contact"
        f" FROM {tables.records('chain_chainmember', *COLUMNS)} WHERE known_since < {tables.cutoff})"
    )


def coverage(tables: Tables) -> str:
    """Share of the five roles that someone known fills."""
    roles = ", ".join(f"'{role}'" for role in ROLES_TO_COVER)
    return (
        f"SELECT account_id, count(DISTINCT role) FILTER (WHERE role IN ({roles})) / {len(ROLES_TO_COVER)}.0 AS value"
        f" FROM {_members(tables)} GROUP BY account_id"
    )


def people_in_touch(tables: Tables) -> str:
    """Different members spoken with in the last 90 days."""
    return (
        "SELECT account_id, count(DISTINCT person_id) FILTER"
        f" (WHERE contact >= DATE '{tables.day}' - {CONTACT_WINDOW_DAYS}) AS value"
        f" FROM {_members(tables)} GROUP BY account_id"
    )


def champion_silent(tables: Tables) -> str:
    """Days since the last contact with any champion."""
    return (
        f"SELECT account_id, min(date_diff('day', contact, DATE '{tables.day}')) AS value"
        f" FROM {_members(tables)} WHERE stance >= 1 AND influence >= 2 AND contact IS NOT NULL GROUP BY account_id"
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
