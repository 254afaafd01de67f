"""The weekly plan: which play for which account with whose hours."""
