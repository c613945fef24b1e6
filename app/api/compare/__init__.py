"""Comparisons: adverse events side by side and as a matrix, outcomes by trial, benefits beside risks."""
