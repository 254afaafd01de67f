"""Serve: tickets, and later knowledge, visits, training, delivery and quality."""
