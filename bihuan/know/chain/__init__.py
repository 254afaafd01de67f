"""Decision chains: who uses, evaluates, pays, decides and signs."""
