"""Widgets: they show what they are given and announce what the user does; they fetch nothing."""
