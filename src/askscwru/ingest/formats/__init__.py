"""One reader for each other format."""
