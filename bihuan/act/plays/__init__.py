"""Plays: what we do when something happens with a customer, and what it was good for."""
