"""The process library: how things are done here, drawn, versioned and published."""
