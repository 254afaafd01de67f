"""Statistics over plain numbers: no Django, no clock, no I/O. The first ones come with the analyses."""
