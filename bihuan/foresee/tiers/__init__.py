"""Tiers: how much of our service a customer gets, by rule."""
