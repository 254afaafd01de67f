"""Earn: contracts, and later deals and settlement."""
