"""Improve: demands, issues, co-creation. No room is built here yet."""
