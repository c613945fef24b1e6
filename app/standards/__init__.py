"""Records in formats of standards: plain functions from a document of the API to one of a standard."""
