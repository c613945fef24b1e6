"""Adverse events compared: side by side, and as a matrix."""
