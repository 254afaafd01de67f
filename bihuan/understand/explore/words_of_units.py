"""The words of questions about accounts and people as they are, about money, tickets and experiments."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext, pgettext_lazy

from bihuan.base.ui.nav import Text

FIELDS: dict[str, Text] = {
    "duration": _("How long"), "end": pgettext_lazy("survival", "End"), "at": _("Share still there after"),
    "did": _("Who did it"), "columns": _("Fields"), "measures": _("Measures"), "method": _("Method"),
    "clusters": _("Number of clusters"), "pareto": _("Pareto of customers"), "behaviour": _("Behaviour"),
    "experiment": _("Experiment"), "exposure": _("Exposure"), "variants": _("Variants"), "metrics": _("Metrics"),
    "planned": _("Planned units"), "week": pgettext_lazy("question", "Week"), "person": pgettext_lazy("question", "Person"),
    "cuped": _("CUPED"), "level": _("Confidence"), "matters": _("Effect that matters"),
}  # fmt: skip
#: (kind, field) → what a kind calls a field by another name than the others do.
FIELDS_OF: dict[tuple[str, str], Text] = {
    ("survival", "event"): _("Whether it has happened"),
    ("survival", "by"): _("One curve for each"),
    ("survival", "columns"): _("What makes it sooner (Cox)"),
    ("survival", "every"): _("Counted in"),
    ("tree", "columns"): _("What may separate them"),
    ("segment", "segment"): _("Segment"),
    ("plan", "by"): _("A row for each"),
}
CHOICES: dict[tuple[str, str], Text] = {
    ("every", "quarter"): _("quarter"),
    ("start", "contract"): _("first contract begins"),
    ("start", "first_event"): _("first product event"),
    ("start", "event"): _("first event called …"),
    ("start", "field"): _("day of a field …"),
    ("end", "contract"): _("last contract ends"),
    ("end", "event"): _("first event called …"),
    ("end", "silence"): _("silent for … days"),
    ("end", "field"): _("day of a field …"),
    ("method", "k_means"): _("k-means, everyone belongs somewhere"),
    ("method", "density"): _("HDBSCAN, odd ones stay outside"),
    ("method", "fixed"): _("fixed, looked at once"),
    ("method", "sequential"): _("sequential, looked at any time"),
    ("method", "bayesian"): _("Bayesian"),
    ("unit", "by the rule"): _("by the rule"),
    ("unit", "ticket"): pgettext_lazy("unit", "ticket"),
    ("by", "priority"): _("priority"),
    ("by", "family"): pgettext_lazy("ticket", "family"),
}
COLUMNS: dict[str, Text] = {
    "play": _("Play"), "minutes": _("Minutes"), "effect": pgettext_lazy("weekly plan", "Effect"), "worth": _("Expected value"),
    "user_name": _("User name"), "plays": _("Plays"), "minutes_there": _("Minutes there"),
    "time": pgettext_lazy("survival", "Time"), "at_risk": pgettext_lazy("survival", "At risk"), "survival": _("Still there"),
    "low": _("Low"), "high": _("High"), "rule": _("Rule"), "times_the_average": _("Times the average"),
    "cluster": _("Cluster"), "measure": _("Measure"), "others": _("Mean of the others"), "gap": _("Apart (s.d.)"),
    "missing": _("Missing"),
    "n_a": "n A", "n_b": "n B", "mean_a": _("Mean A"), "mean_b": _("Mean B"), "median_a": _("Median A"),
    "median_b": _("Median B"), "d": "d", "d_low": _("d, low"), "d_high": _("d, high"), "delta": "δ",
    "delta_low": _("δ, low"), "delta_high": _("δ, high"), "shares": _("Difference of shares"),
    "shares_low": _("Difference, low"), "shares_high": _("Difference, high"), "p": "p", "of": _("Of all"),
    "p_alone": _("p, uncorrected"),
    "account_id": "ID", "person_id": "ID", "person_key": _("Person key"),
    "metric": _("Metric"), "role": _("Role"), "difference": _("Difference"),
    "relative": _("Relative"), "relative_low": _("Relative, low"), "relative_high": _("Relative, high"),
    "chance_to_beat": _("Chance to be better"), "expected_loss": _("Expected loss"),
    "quarter": _("Quarter from"), "opening": _("Opening"), "expansion": _("Expansion"), "contraction": _("Contraction"),
    "churned": _("Churned"), "reactivated": _("Reactivated"), "closing": _("Closing"),
    "gross_retention": _("Gross retention"), "net_retention": _("Net retention"), "renewal_rate": _("Renewal rate"),
    "opening_accounts": _("Customers, opening"), "new_accounts": _("Customers, new"),
    "churned_accounts": _("Customers, churned"), "reactivated_accounts": _("Customers, reactivated"),
    "closing_accounts": _("Customers, closing"), "rank": _("Rank"), "customers": _("Customers so far"),
    "revenue": _("Revenue so far"), "tickets": _("Tickets"), "solved": _("Solved"), "escalated": _("Escalated"),
    "resolution_mean": _("Mean time to solve"), "resolution_p50": _("Median time to solve"),
    "first_response_mean": _("Mean time to first answer"), "satisfaction_mean": _("Satisfaction"), "rated": _("Rated"),
    "ticket": _("Ticket"), "subject": _("Subject"), "priority": _("Priority"), "opened": _("Opened"),
    "resolution": _("Time to solve"), "first_response": _("Time to first answer"), "satisfaction": _("Satisfaction"),
    "due": pgettext_lazy("revenue", "Due"), "renewed": _("Renewed"), "happened": _("It has happened"), "did": _("Did it"),
    "exposures": _("Times shown"), "per": pgettext_lazy("experiment", "Below the line"),
}  # fmt: skip
#: (kind, column) → what a kind calls a column by another name than the others do.
COLUMNS_OF: dict[tuple[str, str], Text] = {
    ("retention", "day"): pgettext_lazy("retention", "Period"), ("retention", "week"): pgettext_lazy("retention", "Period"),
    ("retention", "month"): pgettext_lazy("retention", "Period"), ("path", "source"): _("Event"),
    ("survival", "events"): _("It happened to"), ("tree", "rate"): _("Share that did"),
    ("segment", "size"): _("Members"), ("segment", "day"): _("Day"),
    ("experiment", "value"): pgettext_lazy("experiment", "Value"),
    ("experiment", "variant"): pgettext_lazy("experiment", "Variant"), ("revenue", "new"): pgettext_lazy("revenue", "New"),
}  # fmt: skip
HEADLINES: dict[str, Text] = {
    "median": _("Median"), "log_rank_p": _("Log-rank p"), "concordance": _("Concordance"), "auc": "AUC",
    "did": _("Did it"), "clusters": _("Clusters"), "silhouette": _("Silhouette"), "noise": _("Belong to none"),
    "first": _("At first"), "size_a": _("Members A"), "size_b": _("Members B"), "in_both": _("In both"),
    "ltv": "LTV", "paying_accounts": _("Paying customers"), "share_of_top_fifth": _("Share of the top fifth"),
    "accounts_for_80_percent": _("Customers for 80 %"), "sample_ratio_p": _("Sample ratio p"),
}  # fmt: skip
#: (column, value) → the word for it; the same text elsewhere is somebody's own, such as the name of an event.
VALUES: dict[tuple[str, str], Text] = {
    ("state", "planned"): pgettext_lazy("plan line", "Planned"), ("state", "draft"): pgettext_lazy("weekly plan", "Draft"),
    ("state", "published"): pgettext_lazy("weekly plan", "Published"), ("state", "none"): pgettext_lazy("weekly plan", "None"),
    **{
        ("state", name): pgettext_lazy("play", title) for name, title in (
            ("proposed", "Proposed"), ("confirmed", "Confirmed"), ("running", "Running"), ("done", "Done"),
            ("declined", "Declined"), ("skipped", "Skipped"), ("expired", "Expired"),
        )
    },
    ("size", "negligible"): _("negligible"), ("size", "small"): pgettext_lazy("effect", "small"),
    ("size", "medium"): pgettext_lazy("grade", "medium"), ("size", "large"): pgettext_lazy("effect", "large"),
    ("role", "primary"): pgettext_lazy("metric", "primary"), ("role", "secondary"): pgettext_lazy("metric", "secondary"),
    ("role", "guard-rail"): _("guard-rail"), ("compare", "rest"): _("everybody else"),
    ("priority", "low"): pgettext_lazy("grade", "low"), ("priority", "medium"): pgettext_lazy("grade", "medium"),
    ("priority", "high"): pgettext_lazy("grade", "high"), ("priority", "urgent"): pgettext_lazy("grade", "urgent"),
    ("family", "presale"): _("Pre-sale"), ("family", "account"): _("Account and finance"),
    ("family", "technical"): _("Technical"),
    ("happened", "yes"): _("yes"), ("happened", "no"): _("no"), ("did", "yes"): _("yes"), ("did", "no"): _("no"),
}  # fmt: skip


def span(n: float, every: str) -> str:
    """3 months, 1 week; of a survival question's times."""
    words = {
        "month": ngettext("%(n)s month", "%(n)s months", 1 if n == 1 else 2),
        "week": ngettext("%(n)s week", "%(n)s weeks", 1 if n == 1 else 2),
        "day": ngettext("%(n)s day", "%(n)s days", 1 if n == 1 else 2),
    }
    return words[every] % {"n": f"{n:.3g}" if n < 1000 else f"{n:.0f}"}
