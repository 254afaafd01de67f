"""What customers ask of us."""
