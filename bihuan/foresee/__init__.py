"""Foresee: health, and later tiers, signals and early warning."""
