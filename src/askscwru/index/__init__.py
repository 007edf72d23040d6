"""Posts -> passages, vectors, words and records: one generation, built, swapped in, opened."""
