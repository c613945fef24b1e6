"""The nouns of the fact base: one file each declares record, table, public form, filters and descriptions."""
