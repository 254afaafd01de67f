"""The kinds that every installation starts with. Edit them in the UI, not here."""

from typing import Any

from django.utils.translation import gettext_noop as _

from bihuan.foresee.signals.models import About, OwnerRule, Severity

MONTH = {"used": {"last": "28d"}}
WEEK = {"used": {"last": "7d"}}
SIGN_IN = ["login", "sign_in", "signed_in", "user_logged_in"]

SHIPPED: tuple[dict[str, Any], ...] = (
    {
        "key": "usage_fell", "title": _("Usage fell"), "about": About.ACCOUNT, "severity": Severity.WARNING,
        "rule": "before.used >= 20.0 && behaviour.used <= 0.8 * before.used && account.stage != 'lost'",
        "behaviour": MONTH, "against": 28,
        "sentence": _(
            "Use {fall: 1.0 - behaviour.used / before.used} against its own past: {behaviour.used} events "
            "in 28 days, {before.used} in the 28 days before."
        ),
    },
    {
        "key": "no_use", "title": _("No use"), "about": About.ACCOUNT, "severity": Severity.CRITICAL,
        "rule": "m.days_silent >= 21.0 && account.stage != 'lost'", "sentence": _("No use for {m.days_silent}."),
    },
    {
        "key": "owner_left", "title": _("Owner left"), "about": About.ACCOUNT, "severity": Severity.CRITICAL, "cooldown": 7,
        "rule": "has(account.owner_left) && account.stage != 'lost'", "owner_rule": OwnerRule.OPERATIONS,
        "sentence": _("{account.owner_left} owned this customer and is not with us any more."),
    },
    {
        "key": "key_person_left", "title": _("Key person left"), "about": About.ACCOUNT, "severity": Severity.CRITICAL,
        "cooldown": 28, "rule": "m.key_people_left >= 1.0 && account.stage != 'lost'",
        "sentence": _("Members of the decision chain who left in the last 28 days: {m.key_people_left}."),
    },
    {
        "key": "champion_silent", "title": _("Champion silent"), "about": About.ACCOUNT, "severity": Severity.WARNING,
        "rule": "m.champion_silent_days >= 30.0 && account.stage != 'lost'",
        "sentence": _("No contact with a champion for {m.champion_silent_days}."),
    },
    {
        "key": "single_thread", "title": _("Single thread"), "about": About.ACCOUNT, "severity": Severity.INFO, "cooldown": 60,
        "rule": "m.people_in_touch == 1.0 && m.chain_coverage < 0.8 && account.stage != 'lost'",
        "sentence": _("One person in touch in 90 days; {percent: m.chain_coverage} of the decision chain is known."),
    },
    {
        "key": "payment_late", "title": _("Payment late"), "about": About.ACCOUNT, "severity": Severity.WARNING,
        "owner_rule": OwnerRule.SALES, "needs": "contracts.view", "rule": "behaviour.late > behaviour.paid",
        "behaviour": {"late": {"events": ["payment_late", "payment_overdue", "invoice_overdue"], "last": "28d"},
                      "paid": {"events": ["payment_received", "invoice_paid"], "last": "28d"}},
        "sentence": _("Reminders of late payments in 28 days: {behaviour.late}; payments received: {behaviour.paid}."),
    },
    {
        "key": "seats_unused", "title": _("Seats unused before renewal"), "about": About.ACCOUNT, "severity": Severity.CRITICAL,
        "cooldown": 30, "needs": "contracts.view",
        "rule": "m.days_to_renewal >= 0.0 && m.days_to_renewal <= 60.0 && m.seats_active < 0.5",
        "sentence": _("{percent: m.seats_active} of seats are active, {m.days_to_renewal} before the renewal."),
    },
    {
        "key": "key_user_stopped", "title": _("Key user stopped"), "about": About.PERSON, "severity": Severity.WARNING,
        "rule": "chain.influence >= 2 && before.used >= 10.0 && behaviour.used == 0.0", "behaviour": MONTH, "against": 28,
        "sentence": _("No use in 28 days, {before.used} events in the 28 days before; influence {chain.influence} of 3."),
    },
    {
        "key": "errors_up", "title": _("Error rate of a feature up"), "about": About.FEATURE, "severity": Severity.WARNING,
        "owner_rule": OwnerRule.NOBODY, "against": 7, "cooldown": 7,
        "rule": "behaviour.used >= 100.0 && behaviour.failed / behaviour.used >= 0.02 && "
                "behaviour.failed / behaviour.used >= 1.5 * (before.failed / before.used)",
        "behaviour": {**WEEK, "failed": {"where": "has(props.error)", "last": "7d"}},
        "sentence": _(
            "{percent: behaviour.failed / behaviour.used} failed in 7 days ({behaviour.failed} of "
            "{behaviour.used}), {percent: before.failed / before.used} in the 7 days before."
        ),
    },
    {
        "key": "logins_down", "title": _("Login rate down in a region"), "about": About.REGION, "severity": Severity.WARNING,
        "owner_rule": OwnerRule.NOBODY, "against": 7, "cooldown": 7,
        "rule": "before.logins >= 50.0 && behaviour.logins <= 0.8 * before.logins",
        "behaviour": {"logins": {"events": SIGN_IN, "last": "7d"}},
        "sentence": _(
            "Logins {fall: 1.0 - behaviour.logins / before.logins}: {behaviour.logins} in 7 days, "
            "{before.logins} in the 7 days before, by {region.people} people of {region.accounts} customers."
        ),
    },
    {
        "key": "product_fell", "title": _("Use of a product fell"), "about": About.PRODUCT, "severity": Severity.WARNING,
        "owner_rule": OwnerRule.NOBODY, "against": 28,
        "rule": "before.used >= 200.0 && behaviour.used <= 0.8 * before.used", "behaviour": MONTH,
        "sentence": _(
            "Use {fall: 1.0 - behaviour.used / before.used} against its own past: {behaviour.used} events "
            "in 28 days, {before.used} in the 28 days before."
        ),
    },
)  # fmt: skip
