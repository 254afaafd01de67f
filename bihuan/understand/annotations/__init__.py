"""Annotations: what happened on a day that a chart over time should tell."""
