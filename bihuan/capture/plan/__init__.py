"""The tracking plan: which events and properties we agreed on."""
