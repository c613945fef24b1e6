"""A soak: mixed load on two workers while releases come, go and are activated, workers are killed, the server restarts.

Run by `python -m benchmarks.soak` (`make soak`), for SOAK_SECONDS (by default 360). Everything is on loopback, in a
temporary folder. Each answer is held against the one that a quiet server gave before to the same URL, pinned to the
release that the answer names: so it is whole, of one release, and right. Exits with 1 where one was not.
"""
