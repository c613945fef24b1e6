"""What is read, of one release: the database, the index of each list, names, full text."""
