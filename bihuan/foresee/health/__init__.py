"""How each customer fares, and why."""
