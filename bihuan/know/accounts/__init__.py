"""Customers, the people in them, owner teams and follow-ups."""
