"""Kept turns, and what a question stands for after them."""
