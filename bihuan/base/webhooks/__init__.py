"""Facts told to other programs."""
