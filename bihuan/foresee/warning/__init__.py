"""Warning."""
