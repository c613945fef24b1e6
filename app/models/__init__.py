"""The nouns of the fact base: one file each, from shared base to seed record, table and API form."""
