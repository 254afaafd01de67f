"""Pages of signals: the list and one of them; kinds, one of them and their preview."""
