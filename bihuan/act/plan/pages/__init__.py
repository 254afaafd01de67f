"""Pages of the weekly plan."""
