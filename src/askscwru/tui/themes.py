"""A dark and a light theme; every pair of colours in use holds WCAG AA (a test computes it).

Where a terminal has 256 colours each is replaced by the nearest, which for a light grey with a
tint is pink or green: the grounds are chosen so that they stay what they are.
"""

from __future__ import annotations

from textual.theme import Theme

DARK, LIGHT = "askscwru-dark", "askscwru-light"


def _theme(name: str, *, dark: bool, colours: dict[str, str]) -> Theme:
    ink, paper, raised, accent = (colours[n] for n in ("ink", "paper", "raised", "accent"))
    cursor_ink, cursor = colours["cursor-ink"], colours["cursor"]
    return Theme(
        name=name,
        primary=accent,
        secondary=accent,
        accent=accent,
        foreground=ink,
        background=paper,
        surface=paper,
        panel=raised,
        warning=colours["warn"],
        error=colours["warn"],
        success=accent,
        dark=dark,
        variables={
            **colours,
            "border": colours["line"],
            "border-blurred": colours["line"],
            "block-cursor-foreground": cursor_ink,
            "block-cursor-background": cursor,
            "block-cursor-blurred-foreground": ink,
            "block-cursor-blurred-background": raised,
            "block-hover-background": raised,
            "input-cursor-foreground": paper,
            "input-cursor-background": ink,
            "input-selection-background": colours["quoted"],
            "footer-background": raised,
            "footer-foreground": ink,
            "footer-item-background": raised,
            "footer-key-background": raised,
            "footer-key-foreground": accent,
            "footer-description-background": raised,
            "footer-description-foreground": ink,
            "text": ink,
            "text-muted": colours["muted"],
            "text-disabled": colours["muted"],
            "scrollbar": colours["line"],
            "scrollbar-background": paper,
            "scrollbar-background-hover": paper,
            "scrollbar-background-active": paper,
            "scrollbar-corner-color": paper,
        },
    )


THEMES = (
    _theme(
        DARK,
        dark=True,
        colours={
            "ink": "#e4e2dc",
            "muted": "#a9a69d",
            "paper": "#16181c",
            "raised": "#23262c",
            "line": "#4a4f59",
            "accent": "#86c5f4",
            "warn": "#f2b46b",
            "quoted": "#2b3a4a",
            "marked": "#f4d35e",
            "marked-ink": "#16181c",
            "cursor": "#86c5f4",
            "cursor-ink": "#10141a",
        },
    ),
    _theme(
        LIGHT,
        dark=False,
        colours={
            "ink": "#23211d",
            "muted": "#5c584f",
            "paper": "#fbf9f4",
            "raised": "#ecebe6",
            "line": "#b5b0a3",
            "accent": "#0b5394",
            "warn": "#8a4b00",
            "quoted": "#dfe9f5",
            "marked": "#ffe27a",
            "marked-ink": "#23211d",
            "cursor": "#0b5394",
            "cursor-ink": "#ffffff",
        },
    ),
)
