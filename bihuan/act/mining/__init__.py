"""Mining: what instances and imported logs say of a process, on its own diagram."""
