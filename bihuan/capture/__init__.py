"""Capture: everything that happens arrives here, once, attributed, and is never lost."""
