"""Our own people, their roles and territories."""
