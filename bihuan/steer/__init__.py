"""Steer: strategy, scorecard, costing, reviews. No room is built here yet."""
