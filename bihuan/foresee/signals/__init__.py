"""Something happened that somebody should look at."""
