"""Work: instances of processes, the items that people do, and the clocks beside them."""
