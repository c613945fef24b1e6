"""The service: the nouns, their releases in a database, and the API over HTTP."""
