"""Pages of the metric system."""
