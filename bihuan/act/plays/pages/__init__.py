"""Pages of plays."""
