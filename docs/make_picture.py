"""Draw ``docs/images/ask.svg``: real answers as the terminal shows them.

``python docs/make_picture.py`` asks the questions below of the index in ``embeddings/``.
"""

from __future__ import annotations

import io
from pathlib import Path

from rich.console import Console
from rich.text import Text

from askscwru import Assistant
from askscwru.screen import answer_view

QUESTIONS = (
    "How many people use Shared Lives?",
    "Why is it hard to recruit trained care staff?",
    "How much does Shared Lives save the NHS?",
)
TARGET = Path(__file__).parent / "images" / "ask.svg"

# Rich's own template names fonts on a server; this one takes what the reader's machine has.
_FORMAT = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" \
aria-label="askscwru answering three questions in a terminal">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; \
font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}" /></clipPath>{lines}</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">{matrix}</g>
</g>
</svg>
"""


def main() -> None:
    """Ask, record, draw."""
    out = Console(record=True, width=88, file=io.StringIO(), markup=False, highlight=False)
    assistant = Assistant.load()
    for question in QUESTIONS:
        out.print(Text.assemble(("$ askscwru ask ", "bold green"), f'"{question}"'))
        out.print(answer_view(assistant.ask(question)))
        out.print()
    TARGET.parent.mkdir(exist_ok=True)
    drawn = out.export_svg(title="askscwru", code_format=_FORMAT, unique_id="ask")
    TARGET.write_text(drawn, encoding="utf-8")


if __name__ == "__main__":
    main()
