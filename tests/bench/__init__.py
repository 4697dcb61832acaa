"""The benchmark: what a caller waits for, and what a call costs (``make bench``)."""
