"""Understand: measures, metrics and the questions people ask of the one ledger."""
