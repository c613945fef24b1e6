"""One file per list: the filters it takes, and how it is sorted. `listing.py` builds the one SELECT from them."""
