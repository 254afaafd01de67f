"""Settings, root addresses, the one ASGI callable and the bihuan command."""
