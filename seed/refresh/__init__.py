"""Refreshing: what registers say now, compared with the facts. Each register is a file; what differs is a `Change`."""
