"""Questions answered by compiled loops over tracks (see capture/store/tracks.py) instead of SQL: the same rows, sooner.

A loop walks the events of one unit after the other, in time. It is compiled by Numba on first use and kept in a cache on
disk; it holds no interpreter lock, so the units are shared out among threads.
"""
