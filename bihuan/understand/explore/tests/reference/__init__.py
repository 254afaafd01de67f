"""Questions answered in plain Python, slowly and by enumeration: the oracle of the property tests."""
