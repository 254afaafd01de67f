"""Pages of work: the bench, one item, instances, and those outside."""
