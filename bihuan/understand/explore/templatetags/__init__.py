"""Template tags of the explorer."""
