"""What reach computes: placeholders, forms of robots, limits, identity, mail. No Django, no clock."""
