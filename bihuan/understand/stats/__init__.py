"""Statistics over plain numbers: sufficient statistics in, results out; no Django, no clock, no I/O.

Libraries that take a second to load (statsmodels, scikit-learn) are imported where they are used, so that a command
that asks something else does not wait for them; distributions come from `scipy.special` for the same reason.
"""
