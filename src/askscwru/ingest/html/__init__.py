"""HTML, whole pages and fragments -> posts."""
