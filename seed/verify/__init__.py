"""Checking facts against their sources: rates against the text of labels, identifiers against their registers."""
