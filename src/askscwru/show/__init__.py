"""Answers, posts and references as every front shows them."""
