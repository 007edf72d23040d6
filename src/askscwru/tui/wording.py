"""What the first frame and the panes say while there is nothing else to show in them."""

from __future__ import annotations

from textual.content import Content

WELCOME = Content.assemble(
    ("Ask the posts, and get their own words back.\n\n", "bold"),
    "Type a question below and press Enter. Each answer is quoted word for word; press Tab and "
    "then the number of a citation to read the post around it.\n\n",
    ("F1 shows every key, F3 lists the posts, F2 your earlier conversations.", "$muted"),
)
PLACEHOLDER = "Ask the posts a question, then press Enter"
EMPTY = "The post behind an answer is shown here, at the passage that was quoted."
