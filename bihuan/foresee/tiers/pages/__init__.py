"""Pages of tiers: rules with who would move, service policies, load of our people, Pareto, exceptions."""
