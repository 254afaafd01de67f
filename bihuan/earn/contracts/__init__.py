"""Contracts and what they bring a month."""
