"""Saved plain text and Markdown -> posts."""
