"""Measures of every account as of any day."""
