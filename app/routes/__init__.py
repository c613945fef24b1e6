"""The operations of the API: they declare; what they do is in `queries/`, `pages.py` and `problems.py`."""
