"""The model that every installation starts with. Edit it in the UI, not here."""

from typing import Any

from django.utils.translation import gettext_noop

STANDARD: dict[str, Any] = {
    "minimum_coverage": 50,
    "bands": [{"name": "red", "from": 0}, {"name": "amber", "from": 40}, {"name": "green", "from": 70}],
    "measures": [
        {"measure": "seats_active", "weight": 20, "higher_is_better": True,
         "curve": [[0, 0], [0.25, 35], [0.6, 80], [0.8, 100]]},
        {"measure": "usage_trend", "weight": 15, "higher_is_better": True,
         "curve": [[-0.6, 0], [-0.2, 40], [0, 75], [0.15, 100]]},
        {"measure": "days_silent", "weight": 12, "higher_is_better": False,
         "curve": [[1, 100], [7, 70], [21, 25], [45, 0]]},
        {"measure": "active_days", "weight": 8, "higher_is_better": True, "curve": [[0, 0], [8, 50], [18, 100]]},
        {"measure": "active_people", "weight": 6, "higher_is_better": True, "curve": [[0, 0], [2, 40], [10, 100]]},
        {"measure": "features", "weight": 8, "higher_is_better": True, "curve": [[0, 0], [4, 50], [8, 100]]},
        {"measure": "mrr_change", "weight": 6, "higher_is_better": True, "curve": [[-0.5, 0], [0, 70], [0.3, 100]]},
        {"measure": "open_tickets", "weight": 6, "higher_is_better": False, "curve": [[0, 100], [4, 50], [12, 0]]},
        {"measure": "satisfaction", "weight": 8, "higher_is_better": True, "curve": [[2, 0], [3.5, 50], [4.6, 100]]},
        {"measure": "resolution_hours", "weight": 3, "higher_is_better": False,
         "curve": [[8, 100], [48, 50], [120, 0]]},
        {"measure": "chain_coverage", "weight": 4, "higher_is_better": True, "curve": [[0, 0], [0.6, 60], [1, 100]]},
        {"measure": "people_in_touch", "weight": 4, "higher_is_better": True, "curve": [[0, 0], [1, 35], [3, 100]]},
        {"measure": "champion_silent_days", "weight": 6, "higher_is_better": False,
         "curve": [[14, 100], [45, 40], [90, 0]]},
    ],
    "floors": [
        {"when": "m.days_silent > 30.0", "cap": 35, "reason": gettext_noop("No use for more than 30 days")},
        {"when": "m.seats_active < 0.1 && m.days_to_renewal < 90.0", "cap": 30,
         "reason": gettext_noop("Renewal within 90 days with fewer than 10 % of seats active")},
    ],
}  # fmt: skip
