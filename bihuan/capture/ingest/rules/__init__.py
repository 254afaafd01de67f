"""From bytes to drafts: unpacking, decoding and the steps each event passes. Pure: no clock, no I/O."""
