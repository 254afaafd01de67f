"""The engine: frozen questions in, expressions out. It knows no Django, no clock and no database connection."""
