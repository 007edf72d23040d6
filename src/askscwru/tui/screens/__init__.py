"""Screens: they hear what widgets announce, decide, and ask the desk."""
