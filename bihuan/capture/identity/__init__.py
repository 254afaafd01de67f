"""From ids to people and accounts."""
