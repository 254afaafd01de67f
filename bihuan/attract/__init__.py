"""Attract: content, campaigns, attribution, market. No room is built here yet."""
