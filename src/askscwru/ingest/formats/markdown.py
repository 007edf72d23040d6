"""Markdown as its author wrote it, to the parts of a post: CommonMark with GitHub's tables.

The Markdown becomes HTML, and that is read as the markup of an export is (``markup``), so that HTML
between the Markdown is read by the same rules. What stands in the file is the author's: a paragraph
is what stands between empty lines, and none of it is taken for a page's furniture.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from html import escape
from itertools import zip_longest
from typing import Any, cast

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.deflist import deflist_plugin
from mdit_py_plugins.footnote import footnote_plugin

from askscwru.ingest.compose import Part, note_placeholder, one_line, with_placeholders
from askscwru.ingest.formats.templates import FIGURE, without_templates
from askscwru.ingest.html.markup import parse_fragment, parts_of
from askscwru.ingest.table_rows import table_rows
from askscwru.ingest.text.furniture import line_rule
from askscwru.types import BlockKind

_FILE_NAME = re.compile(
    r"(?:[\w%.+ -]*\.(?:jpe?g|png|gif|svg|webp|bmp|tiff?)|(?:img|dsc|dscn|image|photo|screenshot|"
    r"untitled|picture|pic)?[\s_.-]*\d[\d\s_.x-]*)",
    re.IGNORECASE,
)
_ELEMENTS = frozenset(
    "a abbr acronym address area article aside audio b base bdi bdo big blockquote body br"
    " button canvas caption center cite code col colgroup data datalist dd del details dfn"
    " dialog dir div dl dt em embed fieldset figcaption figure font footer form frame frameset"
    " h1 h2 h3 h4 h5 h6 head header hgroup hr html i iframe img input ins kbd label legend li"
    " link main map mark menu meta meter nav nobr noscript object ol optgroup option output p"
    " param picture pre progress q rp rt ruby s samp script search section select slot small"
    " source span strike strong style sub summary sup svg table tbody td template textarea tfoot"
    " th thead time title tr track tt u ul var video wbr path g circle rect line polygon defs"
    " use math mi mo mn mrow".split()
)
_SWALLOWING = frozenset(
    "script style title textarea select option iframe noscript template object head svg math audio"
    " video canvas button label fieldset legend map nav datalist xmp plaintext frameset".split()
)
"""Of these a browser shows nothing of what is inside, or not as text: an author who writes one of
them without its end means the word."""
_STRAY_FIGURE = re.compile(rf"!\[([^\[\]\n]*)\]\({FIGURE}\)")
_STRAY_LINK = re.compile(
    r"!?\[([^\[\]\n]{1,300})\]\((?=[^()\n]{0,100}(?:https?:|www\.|#|mailto:|\.\w{2,4}\b))[^()\n]{0,500}\)"
)
_STRAY_MARKS = re.compile(
    r"\*{2,}(?!\s+\d)|(?<=[.!?:;,)\]”\"’'\s])_+(?=\s|$)|(?:(?<=\s)|^)_+(?=[A-Z“\"(\s]|$)"
)
"""Emphasis that opens or closes nothing (``**Ann **``): such marks mean no stars."""
_MARKUP = re.compile(
    r"\s*</?(?:p|ul|ol|li|h[1-6]|span|div|strong|em|b|i|table|t[rdh]|blockquote|br|a)\b",
    re.IGNORECASE,
)
_PLAIN_WORD = re.compile(
    r"(?<!\S)[(“‘\"'_*[]*[^\W\d_]+(?:[’'-][^\W\d_]+)*[)”’\"'_*\].,;:!?…]*(?!\S)"
)
_SENTENCE_END = re.compile(r"[.!?…:][”’\"')_*\]]*(?:\s|$)")
_SIGNS = re.compile(
    r"[{}=\\|<>;$`]|\(\)|::|->|/\*|^\s*(?:>>>|#!|//|sudo |import |def )", re.MULTILINE
)
_LINKS = re.compile(r"\]\([^()\n]*\)|</?(?:span|a|strong|em|b|i|br)\b[^>]*>|&#?\w+;")
_FEW_WORDS, _MANY_WORDS = 6, 14
_TAG = re.compile(r"<(?P<close>/?)(?P<name>[A-Za-z][\w-]*)(?P<rest>[^>]*)>", re.DOTALL)
_LONGEST_HEADING = 20
_WRAPPED = 50
"""A line of at least this many characters may have been broken off by its width."""
_BREAK = Token("html_inline", "", 0, content="<br><br>")


def markdown_parts(markdown: str) -> list[Part]:
    """The parts of a post's Markdown, in order.

    A heading with nothing below it, or as long as a paragraph, is text: it says what it says, and
    nothing else would ever show it.
    """
    parts = _parts_in(html_of(markdown))
    return [
        Part(part.text) if part.kind is BlockKind.HEADING and _says(part, following) else part
        for part, following in zip_longest(parts, parts[1:])
    ]


def _says(heading: Part, following: Part | None) -> bool:
    if (
        following is None
        or heading.text[-1:] in ".;"
        or len(heading.text.split()) > _LONGEST_HEADING
    ):
        return True
    return following.kind is BlockKind.HEADING and following.level <= heading.level


def markdown_line(markdown: str) -> str:
    """One line of Markdown, such as a title, without its marks."""
    if not any(mark in markdown for mark in "*_`[<&\\~"):
        return one_line(markdown)
    told = _parts_in(_parser().renderInline(markdown))
    return " ".join(part.text for part in told) or one_line(markdown)


def plain_markdown(markdown: str) -> str:
    """The Markdown as plain text, a paragraph a line, with the marks of headings, points and rules.

    This is what a page that was saved as Markdown is read from: lines that break off early stay
    lines, for bylines and dates stand so.
    """
    told: list[str] = []
    quotes = level = 0
    points: list[str] = []
    for token in _parsed(markdown, {}):
        if token.type == "list_item_open":
            points.append(f"{token.info}{token.markup}" if token.info else "-")
        elif token.type == "list_item_close":
            points.pop()
        quotes += (token.type == "blockquote_open") - (token.type == "blockquote_close")
        if token.type == "heading_open":
            level = int(token.tag[1])
        elif token.type == "inline":
            mark = "#" * level if level else points[-1] if points else ">" if quotes else ""
            told += [f"{mark} {line}".lstrip() for line in _lines(token)]
            points[-1:] = ["-"] * len(points[-1:])
            level = 0
        elif token.type == "hr":
            told.append("---")
        elif token.type == "html_block":
            told += [part.text for part in _parts_in(token.content)]
        elif token.type in ("fence", "code_block"):
            told += token.content.splitlines()
    return "\n\n".join(line for line in told if line.strip())


def _lines(inline: Token) -> list[str]:
    """The lines of a paragraph, without pictures; long ones are joined, for they were wrapped."""
    lines: list[list[Token]] = [[]]
    children = inline.children or []
    for at, child in enumerate(children):
        if child.type == "link_open" and _leads_on(children[at:]):
            lines.append([])
        if child.type in ("softbreak", "hardbreak"):
            lines.append([])
        elif child.type != "image":
            lines[-1].append(child)
    told: list[str] = []
    for line in lines:
        text = _inline_text(line)
        if told and len(told[-1]) >= _WRAPPED and not text[:1].isupper():
            told[-1] += f" {text}"
        elif text:
            told.append(text)
    return told


def _leads_on(children: Sequence[Token]) -> bool:
    """Whether what is left of a paragraph is the link to the rest of a post."""
    closes = next((at for at, child in enumerate(children) if child.type == "link_close"), 0)
    label = "".join(_words(child) for child in children[:closes]).strip()
    return closes == len(children) - 1 and line_rule("continue").match(label) is not None


def html_of(markdown: str) -> str:
    """The Markdown as HTML: without templates, with tables as one paragraph a row."""
    parser = _parser()
    env: dict[str, Any] = {}
    told = _renderer().render(_parsed(markdown, env), parser.options, env)
    return told + "".join(_inline_notes(parser, env))


def _parsed(markdown: str, env: dict[str, Any]) -> list[Token]:
    tokens = _without_false_code(_parser().parse(without_templates(markdown), env), env)
    return _with_rows(tokens)


def _without_false_code(tokens: list[Token], env: dict[str, Any]) -> list[Token]:
    """Text that is code for no other reason than how far it is indented, read as Markdown."""
    told: list[Token] = []
    for token in tokens:
        if token.type == "code_block" and _is_text(token.content):
            told += _parser().parse("\n".join(map(str.strip, token.content.splitlines())), env)
        else:
            told.append(token)
    return told


def _is_text(code: str) -> bool:
    """Whether an indented block is a paragraph, or the markup of one, and no lines of a program."""
    if _MARKUP.match(code) or code.lstrip().startswith("!["):
        return True
    words = _PLAIN_WORD.findall(code)
    sentence = _SENTENCE_END.search(code) is not None or len(words) > _MANY_WORDS
    return sentence and len(words) >= _FEW_WORDS and _SIGNS.search(_LINKS.sub("", code)) is None


def _parts_in(markup: str) -> list[Part]:
    tree = parse_fragment(markup)
    return [] if tree is None else parts_of(tree, captions=True)


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    parser.use(footnote_plugin, move_to_end=False).use(deflist_plugin)
    parser.core.ruler.push("askscwru_inlines", _settle_inlines)
    rules = cast(dict[str, Any], cast(RendererHTML, parser.renderer).rules)
    rules["footnote_ref"] = lambda tokens, at, *_: (
        f'<sup><a href="#fn-{_note_name(tokens[at])}">1</a></sup>'
    )
    rules["footnote_reference_open"] = lambda tokens, at, *_: (
        f'<div id="fn-{_note_name(tokens[at])}">'
    )
    rules["footnote_reference_close"] = lambda *_: "</div>"
    rules["image"] = lambda tokens, at, *_: escape(tokens[at].content)
    rules["html_inline"] = rules["html_block"] = lambda tokens, at, *_: tokens[at].content
    return parser


def _renderer() -> RendererHTML:
    return cast(RendererHTML, _parser().renderer)


def _inline_notes(parser: MarkdownIt, env: dict[str, Any]) -> list[str]:
    """Notes that are written where they are referred to (``^[…]``)."""
    notes = env.get("footnotes", {}).get("list", {})
    return [
        f'<p id="fn-here-{number}">'
        f"{_renderer().renderInline(note['tokens'], parser.options, env)}</p>"
        for number, note in notes.items()
        if "tokens" in note
    ]


def _note_name(token: Token) -> str:
    """What a note and the marks that lead to it are called: its label, or its number here."""
    label = token.meta.get("label")
    return escape(f"here-{token.meta['id']}" if label is None else f"below-{label}")


# -- in a paragraph --------------------------------------------------------------------------------


def _settle_inlines(state: Any) -> None:
    """Struck-out text goes, pictures become words, and what only looks like a tag stays text."""
    parent = ""
    for token in state.tokens:
        if token.type == "html_block":
            token.content = _without_stray_marks(_closed_tags(token.content))
        elif token.type == "inline":
            children = _without_struck(token.children or [])
            written = "".join(child.content for child in children if child.type == "html_inline")
            for child in children:
                if child.type == "html_inline":
                    child.content = _as_text_if_none(child.content, written)
                elif child.type == "text":
                    child.content = _without_stray_marks(child.content)
            token.children = _with_pictures(children, apart=parent == "paragraph_open")
        else:
            parent = token.type


def _without_stray_marks(text: str) -> str:
    """Text without the marks that the parser could not take, as writers leave them by mistake."""
    if "](" in text:
        text = _STRAY_FIGURE.sub(r"<br><br>\1<br><br>" if "<" in text else r"\1", text)
        text = _STRAY_LINK.sub(r"\1", text)
    if "**" in text or "_" in text:
        text = _STRAY_MARKS.sub("", text)
    return text


def _without_struck(children: Sequence[Token]) -> list[Token]:
    kept: list[Token] = []
    depth = 0
    for child in children:
        depth += (child.type == "s_open") - (child.type == "s_close")
        if not depth and child.type != "s_close":
            kept.append(child)
    return kept


def _closed_tags(block: str) -> str:
    return _TAG.sub(lambda tag: _as_text_if_none(tag[0], block), block)


def _as_text_if_none(tag: str, around: str) -> str:
    """The tag, or its characters where it is no element, or one that would swallow the rest."""
    match = _TAG.fullmatch(tag)
    if match is None:
        return tag
    name = match["name"].lower()
    closed = re.search(rf"</{re.escape(name)}\s*>", around, re.IGNORECASE) is not None
    opened = re.search(rf"<{re.escape(name)}\b", around, re.IGNORECASE) is not None
    if name in _SWALLOWING and not match["rest"].rstrip().endswith("/"):
        return tag if closed and opened else escape(tag)
    if name in _ELEMENTS or closed or "-" in name:
        return tag
    component = "=" in match["rest"] or match["rest"].rstrip().endswith("/")
    return tag if component or match["name"][0].isupper() else escape(tag)


def _with_pictures(children: list[Token], *, apart: bool) -> list[Token]:
    """Pictures as their alternative text: in the sentence, or apart where they stand around it."""
    told: list[Token] = []
    for at, child in enumerate(children):
        if child.type != "image":
            told.append(child)
            continue
        words = "".join(_words(inner) for inner in child.children or []).strip()
        words = "" if _FILE_NAME.fullmatch(words) else words
        picture = Token("image", "", 0, content=words)
        if not words:
            continue
        figure = child.attrs.get("src") == FIGURE
        between = _text_beside(children[:at][::-1]) and _text_beside(children[at + 1 :])
        if apart and (figure or not between):
            told += [_BREAK, picture, _BREAK]
        else:
            told.append(picture)
    return told


def _words(token: Token) -> str:
    return " " if token.type in ("softbreak", "hardbreak") else token.content


def _text_beside(children: Sequence[Token]) -> bool:
    """Whether words stand on the same line, from a picture on."""
    for child in children:
        if child.type in ("softbreak", "hardbreak", "image"):
            return False
        if child.type in ("text", "code_inline") and child.content.strip():
            return True
    return False


# -- tables ----------------------------------------------------------------------------------------


_LONGEST_SIGN = 8


def _with_rows(tokens: list[Token]) -> list[Token]:
    """Each row of a table as a paragraph of its own, with the heads of the columns."""
    told: list[Token] = []
    rows: list[list[str]] = []
    targets: list[str] = []
    inside = False
    for token in tokens:
        if token.type == "table_open":
            inside, rows, targets = True, [], []
        elif token.type == "table_close":
            inside = False
            heads, *cells = rows or [[]]
            lines = table_rows(cells, heads) if cells else [" | ".join(filter(None, heads))]
            told += [_paragraph(line, targets) for line in lines]
        elif not inside:
            told.append(token)
        elif token.type == "tr_open":
            rows.append([])
        elif token.type == "inline":
            parts = _inline_parts(token.children or [])
            told_of = " ".join(with_placeholders(part, targets) for part in parts)
            # In a cell a sign is a word: "–" where there is none.
            rows[-1].append(told_of or one_line(token.content)[:_LONGEST_SIGN])
    return told


def _paragraph(text: str, targets: Sequence[str]) -> Token:
    told = escape(text)
    for number, target in enumerate(targets):
        mark = f'<sup><a href="#{escape(target)}">1</a></sup>'
        told = told.replace(note_placeholder(number), mark)
    return Token("html_block", "", 0, content=f"<p>{told}</p>\n")


def _inline_parts(children: Sequence[Token]) -> list[Part]:
    return _parts_in(_renderer().renderInline(children, _parser().options, {}))


def _inline_text(children: Sequence[Token]) -> str:
    return " ".join(part.text for part in _inline_parts(children))
