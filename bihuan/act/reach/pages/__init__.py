"""Pages of reach: messages, sending, templates, channels, limits; and what readers open from outside."""
