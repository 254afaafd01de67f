"""Nouns, fields, choices and reasons in the reader's words. A field without words of its own is shown by its name."""

import re
from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from bihuan.capture.imports.rules.draft import Why

NOUNS: Mapping[str, Any] = {
    "accounts": gettext_lazy("Customers"),
    "people": gettext_lazy("People (contacts, users)"),
    "contract_lines": gettext_lazy("Contracts"),
    "tickets": gettext_lazy("Tickets"),
    "events": gettext_lazy("Events (who did what when)"),
    "memberships": gettext_lazy("Who works at which customer"),
    "chain": gettext_lazy("Decision chains"),
    "account_team": gettext_lazy("Teams of customers"),
    "account_scores": gettext_lazy("Judgements of customers"),
    "products": gettext_lazy("Products"),
    "regions": gettext_lazy("Regions"),
    "teams": gettext_lazy("Teams"),
    "staff": gettext_lazy("Staff"),
}

#: By `noun.field`, or by the field alone where it means the same everywhere.
FIELDS: Mapping[str, Any] = {
    "account_key": gettext_lazy("Account key"),
    "person_key": gettext_lazy("Person key"),
    "product_code": gettext_lazy("Product"),
    "region_code": gettext_lazy("Region"),
    "team_code": gettext_lazy("Team"),
    "parent_key": gettext_lazy("Key of the parent customer"),
    "parent_code": gettext_lazy("Region above"),
    "staff_key": gettext_lazy("Key of the colleague"),
    "assignee_key": gettext_lazy("Key of the assignee"),
    "accounts.key": gettext_lazy("Account key"),
    "people.key": gettext_lazy("Person key"),
    "contract_lines.key": gettext_lazy("Number of the contract"),
    "contract_key": gettext_lazy("Number of the contract above"),
    "tickets.key": gettext_lazy("Number of the ticket"),
    "staff.key": gettext_lazy("Number of the colleague"),
    "code": gettext_lazy("Code"),
    "accounts.name": gettext_lazy("Name of the customer"),
    "people.name": gettext_lazy("Full name"),
    "staff.name": gettext_lazy("Full name"),
    "name": gettext_lazy("Name"),
    "short_name": gettext_lazy("Short name"),
    "industry": gettext_lazy("Industry"),
    "country": gettext_lazy("Country"),
    "city": gettext_lazy("City"),
    "size": gettext_lazy("Employees"),
    "tier": gettext_lazy("Tier"),
    "stage": gettext_lazy("Life-cycle stage"),
    "signed_up_on": gettext_lazy("Customer since"),
    "simulated": gettext_lazy("Simulated"),
    "email": gettext_lazy("Email"),
    "phone": gettext_lazy("Phone"),
    "title": gettext_lazy("Job title"),
    "anonymous": gettext_lazy("Anonymous"),
    "people.starts_on": gettext_lazy("At the customer since"),
    "people.ends_on": gettext_lazy("At the customer until"),
    "memberships.starts_on": gettext_lazy("At the customer since"),
    "memberships.ends_on": gettext_lazy("At the customer until"),
    "contract_name": gettext_lazy("Name of the contract"),
    "contract_starts_on": gettext_lazy("First day of the contract above"),
    "contract_ends_on": gettext_lazy("Last day of the contract above"),
    "billing": gettext_lazy("Billing"),
    "auto_renew": gettext_lazy("Renews by itself"),
    "currency": gettext_lazy("Currency"),
    "signed_on": gettext_lazy("Signed on"),
    "contract_lines.name": gettext_lazy("Plan"),
    "seats": gettext_lazy("Seats"),
    "mrr": gettext_lazy("Amount (becomes MRR)"),
    "starts_on": gettext_lazy("First day"),
    "ends_on": gettext_lazy("Last day"),
    "trial": gettext_lazy("Trial"),
    "subject": gettext_lazy("Subject"),
    "text": gettext_lazy("Text"),
    "family": gettext_lazy("Family"),
    "priority": gettext_lazy("Priority"),
    "state": gettext_lazy("State"),
    "opened_at": gettext_lazy("Opened at"),
    "first_response_at": gettext_lazy("First answer at"),
    "resolved_at": gettext_lazy("Solved at"),
    "satisfaction": gettext_lazy("Satisfaction"),
    "escalated": gettext_lazy("Escalated"),
    "event_id": gettext_lazy("Number of the event"),
    "events.name": gettext_lazy("Event"),
    "ts": gettext_lazy("Happened at"),
    "received_at": gettext_lazy("Received at"),
    "distinct_id": gettext_lazy("Device or anonymous id"),
    "source": gettext_lazy("Source"),
    "role": gettext_lazy("Role"),
    "is_owner": gettext_lazy("Is the owner"),
    "stance": gettext_lazy("Stance"),
    "influence": gettext_lazy("Influence"),
    "last_contact_on": gettext_lazy("Last contact"),
    "known_since": gettext_lazy("Known since"),
    "note": gettext_lazy("Note"),
    "what": gettext_lazy("What is judged"),
    "value": pgettext_lazy("column", "Value"),
    "from_day": gettext_lazy("From"),
    "username": gettext_lazy("Sign-in name"),
    "roles": gettext_lazy("Roles"),
    "reach": gettext_lazy("Territory"),
    "region_codes": gettext_lazy("Regions"),
    "is_active": gettext_lazy("Active"),
    "props": gettext_lazy("Properties"),
}

CHOICES: Mapping[str, Any] = {
    "onboarding": gettext_lazy("Onboarding"), "adoption": gettext_lazy("Adoption"),
    "value": pgettext_lazy("life-cycle stage", "Value"),
    "renewal": pgettext_lazy("life-cycle stage", "Renewal"), "at_risk": gettext_lazy("At risk"), "lost": gettext_lazy("Lost"),
    "monthly": gettext_lazy("Monthly"), "quarterly": gettext_lazy("Quarterly"), "yearly": gettext_lazy("Yearly"),
    "once": gettext_lazy("Once"), "presale": gettext_lazy("Presale"), "account": pgettext_lazy("family of tickets", "Account"),
    "technical": gettext_lazy("Technical"), "low": gettext_lazy("Low"), "medium": gettext_lazy("Medium"),
    "high": gettext_lazy("High"), "urgent": gettext_lazy("Urgent"), "open": gettext_lazy("Open"),
    "pending": gettext_lazy("Pending"), "solved": gettext_lazy("Solved"), "closed": gettext_lazy("Closed"),
    "user": gettext_lazy("User"), "evaluator": gettext_lazy("Evaluator"), "budget_holder": gettext_lazy("Budget holder"),
    "decision_maker": gettext_lazy("Decision maker"), "signer": gettext_lazy("Signer"),
    "influencer": gettext_lazy("Influencer"), "blocker": gettext_lazy("Blocker"), "sales": gettext_lazy("Sales"),
    "operations": gettext_lazy("Operations"), "product": gettext_lazy("Product"), "analyst": gettext_lazy("Analyst"),
    "potential": gettext_lazy("Potential"), "strategy_fit": gettext_lazy("Strategy fit"), "brand": gettext_lazy("Brand"),
    "own": gettext_lazy("Own customers"), "team": gettext_lazy("Team"), "region": gettext_lazy("Region"),
    "all": gettext_lazy("All customers"),
}  # fmt: skip

REASONS: Mapping[str, Any] = {
    "heading": gettext_lazy("The heading says so."),
    "part": gettext_lazy("The heading holds “%(word)s”."),
    "email": gettext_lazy("The cells are email addresses."),
    "phone": gettext_lazy("The cells are mobile numbers."),
    "moment": gettext_lazy("The cells are moments."),
    "period": gettext_lazy("An amount for %(months)s months: the heading holds “%(word)s”."),
    "whole": gettext_lazy("The amount of the whole contract; each lasts %(months)s months."),
    "whole_mostly": gettext_lazy("The amount of the whole contract; most last %(months)s months, not all."),
    "period_guessed": gettext_lazy("Nothing says for how long the amount is; %(months)s months are a guess."),
    "unsure": gettext_lazy("Day and month could be the other way round; look at the preview."),
    "misfits": gettext_lazy("%(share)s %% of the cells are written otherwise."),
    "empty": gettext_lazy("The column is empty in the first rows."),
    "unknown": gettext_lazy("No field is called so."),
    "taken": gettext_lazy("Another column fills “%(field)s” already."),
    "unfit": gettext_lazy("It is called like “%(field)s”, but its cells are not of that kind."),
    "not_stored": gettext_lazy("It names “%(field)s” that are not stored."),
    "currency": gettext_lazy("The amounts are in %(currency)s."),
    "file": gettext_lazy("Called like the file; give it the name of what was done."),
    "same": gettext_lazy("From the column “%(column)s”."),
    "joined": gettext_lazy("Made from several columns, so that the same row gets the same number next time."),
    "solved": gettext_lazy("Closed where a time of solution stands, else open."),
    "by_name": gettext_lazy("It names customers by their name; the key of each was looked up."),
    "kept": gettext_lazy("As in the mapping “%(name)s”."),
    "chosen": gettext_lazy("Chosen by you."),
}


#: What the importer says of a cell, as far as a page has it in the reader's words.
REFUSALS: tuple[tuple[str, Any], ...] = (
    (r"a value is required.*", gettext_lazy("A value is needed here.")),
    (
        r"nothing with this key is stored; .*",
        gettext_lazy("Nothing with this key is stored; import it first, or leave the field out."),
    ),
    (
        r"not one of (?P<choices>.*); give the field a `map`",
        gettext_lazy("Not one of %(choices)s; choose what it stands for."),
    ),
    (r"not a number; .*", gettext_lazy("Not a number as it is written; choose how numbers are grouped.")),
    (r"not a whole number", gettext_lazy("Not a whole number.")),
    (r"not a finite number .*", gettext_lazy("Not a number.")),
    (r"not yes or no; .*", gettext_lazy("Not yes or no.")),
    (
        r"not a (date|time) .*",
        gettext_lazy("Not a day or moment in the chosen format; choose another or correct the cell."),
    ),
    (
        r"the row has (?P<cells>\d+) cells, the first line names (?P<named>\d+)",
        gettext_lazy("The row has %(cells)s cells, the first one names %(named)s."),
    ),
    (r"the row is not .* text; .*", gettext_lazy("The row is written in another encoding than the rest.")),
    (
        r"the row is stored without it: no such key",
        gettext_lazy("The row is stored without it: there is no such key."),
    ),
)


def refusal(text: str) -> str:
    """Why a cell was refused, in the reader's words where there are some."""
    for pattern, words in REFUSALS:
        found = re.fullmatch(pattern, text)
        if found:
            return str(words) % found.groupdict() if found.groupdict() else str(words)
    return text


def noun_label(noun: str) -> str:
    """What rows of the noun are."""
    return str(NOUNS.get(noun, noun))


def field_label(noun: str, field: str) -> str:
    """What the field is called."""
    return str(FIELDS.get(f"{noun}.{field}") or FIELDS.get(field) or field)


def choice_label(choice: str) -> str:
    """A choice in words; one that is a letter stays one."""
    return str(CHOICES.get(choice, choice))


def reason(why: Why, *, noun: str) -> str:
    """A reason in a sentence."""
    about = {name: field_label(noun, text) if name == "field" else text for name, text in why.about.items()}
    if why.code == "period" and about.get("months") == "1":
        return _("An amount for a month: the heading holds “%(word)s”.") % about
    return str(REASONS[why.code]) % about
