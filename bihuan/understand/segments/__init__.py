"""Segments: named sets of accounts or people, by a rule or by hand."""
