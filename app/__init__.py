"""Everything between the database and HTTP."""
