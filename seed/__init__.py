"""Everything between the fact files and the database."""
