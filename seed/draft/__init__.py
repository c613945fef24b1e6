"""Drafting of facts from US labels in openFDA form: what a person then reviews, restates and completes."""
