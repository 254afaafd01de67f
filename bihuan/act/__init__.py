"""Act: diagrams, the process library and the work that runs by it."""
