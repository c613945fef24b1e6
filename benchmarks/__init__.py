"""`make bench`: how close the service comes to the wire, to what else could serve the file, and how it grows."""
