"""What stands in a Markdown file for a program that makes pages of it, and is no text.

Hugo's shortcodes (``{{< figure … >}}``), Liquid's tags and filters (``{% include … %}``,
``{{ page.url | relative_url }}``) and the marks of Markdown's dialects (kramdown, pandoc, Obsidian,
MkDocs, Docusaurus, MDX). What they wrap is the author's and is kept, and so are the words that they
are given to show: a caption, an alternative text, a heading. In code nothing is touched.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from dataclasses import dataclass, field

FIGURE = "#figure"
"""Where a picture leads that stands apart from the text, wherever it is put."""
_LINK = re.compile(r"\[([^\[\]\n]*)\]\([^()\n]*\)")
_LONGEST_TAG = 4_000
_OPENER = re.compile(r"\{\{[<%]|\{\{\{?|\{%|\{#(?=\s)")
_CLOSERS = {"{{<": ">}}", "{{%": "%}}", "{%": "%}", "{{": "}}", "{{{": "}}}", "{#": "#}"}
_NAME = re.compile(r"\s*-?\s*(?P<close>/?)\s*(?P<name>[A-Za-z][\w./-]*)?")
_VALUE = r"\"(?:[^\"\\]|\\.)*\"|`[^`]*`|'[^']*'|[^\s\"'`]+"
_ATTRIBUTE = re.compile(rf"(?<![\w-])(?P<key>[A-Za-z][\w-]*)\s*=\s*(?P<value>{_VALUE})")
_IN_ADDRESS = re.compile(r"\]\(\s*<?$|^\s{0,3}\[[^\]\n]+\]:\s*<?$|\b(?:href|src)\s*=\s*[\"']?$")
_LITERAL = re.compile(r"\s*(?P<quote>[\"'])(?P<text>[^\"'\n]*\s[^\"'\n]*)(?P=quote)")
_EMBEDS = re.compile(
    r"youtube|vimeo|tweet|twitter|instagram|gist|iframe|video|audio|podcast|spotify|map|embed|"
    r"speakerdeck|slideshare|codepen|asciinema|toc|param|ref|relref",
    re.IGNORECASE,
)
_PICTURES = re.compile(r"im(?:g|age)|figure|picture|photo|gallery", re.IGNORECASE)
_CODE_NAMES = frozenset({"highlight", "code", "codeblock", "prism", "mermaid", "katex", "math"})
_SILENT = frozenset({"comment"})
_SHOWN = (
    *("kicker", "heading", "header", "title", "intro", "text", "quote", "label", "content"),
    *("summary", "description", "caption"),
)
_WHO = ("cite", "citation", "author", "attribution", "attr")
_FENCE = re.compile(
    r"^(?P<lead>[ \t>]*(?:(?:[-*+]|\d{1,3}[.)])[ \t]+)?)(?P<mark>`{3,}|~{3,})", re.MULTILINE
)
_TICKS = re.compile(r"`+")
_OPEN = re.compile(r"(?<!\\)\[")
_MOST_OPEN = 500
"""Brackets that nothing closes: each is looked for to the end of its paragraph."""
_HTML = re.compile(
    r"^ {0,3}<(?P<name>table|ul|ol|dl)\b[^>]*>(?:(?!^ {0,3}<(?P=name)\b).)*?</(?P=name)>",
    re.MULTILINE | re.DOTALL | re.IGNORECASE,
)
_EMPTY_LINE = re.compile(r"\n[ \t]*\n")


def without_templates(markdown: str) -> str:
    """The Markdown without shortcodes, Liquid and the marks of dialects."""
    told = _Tags(markdown, code_spans(markdown)).replaced() if "{" in markdown else markdown
    told = _HTML.sub(_in_one, _without_dialects(told))
    return _OPEN.sub(r"\\[", told) if told.count("[") > _MOST_OPEN + 2 * told.count("]") else told


def _in_one(match: re.Match[str]) -> str:
    """A table or list in HTML without empty lines, which would end it and make code of it."""
    return re.sub(r"\n(?:[ \t]*\r?\n)+", "\n", match[0])


# -- code ------------------------------------------------------------------------------------------


def code_spans(markdown: str) -> list[tuple[int, int]]:
    """Where fenced code and code between backticks stands, in order."""
    fences = _fences(markdown)
    spans: list[tuple[int, int]] = []
    at = 0
    for start, end in (*fences, (len(markdown), len(markdown))):
        spans += _ticked(markdown, at, start)
        if start < end:
            spans.append((start, end))
        at = end
    return spans


def _fences(markdown: str) -> list[tuple[int, int]]:
    found: list[tuple[int, int]] = []
    opened: re.Match[str] | None = None
    for match in _FENCE.finditer(markdown):
        mark = match["mark"]
        end = markdown.find("\n", match.end())
        rest = markdown[match.end() : len(markdown) if end < 0 else end]
        if opened is None:
            if mark[0] == "~" or "`" not in rest:
                opened = match
        elif mark[0] == opened["mark"][0] and len(mark) >= len(opened["mark"]) and not rest.strip():
            found.append((opened.start("mark"), match.end()))
            opened = None
    if opened is not None:
        found.append((opened.start("mark"), len(markdown)))
    return found


def _ticked(markdown: str, start: int, end: int) -> list[tuple[int, int]]:
    """Code between two runs of as many backticks in one paragraph."""
    runs = [match.span() for match in _TICKS.finditer(markdown, start, end)]
    by_size: dict[int, list[int]] = defaultdict(list)
    for first, last in runs:
        by_size[last - first].append(first)
    spans: list[tuple[int, int]] = []
    at = start
    for first, last in runs:
        if first < at:
            continue
        same = by_size[last - first]
        following = bisect_right(same, first)
        if following < len(same) and not _EMPTY_LINE.search(markdown, last, same[following]):
            at = same[following] + last - first
            spans.append((first, at))
    return spans


# -- tags ------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Tags:
    """Goes through a text from tag to tag."""

    text: str
    code: list[tuple[int, int]]
    out: list[str] = field(default_factory=list)
    at: int = 0
    closers: dict[str, int] = field(default_factory=dict)
    """Where each kind of closing mark was last found."""

    def replaced(self) -> str:
        while opener := _OPENER.search(self.text, self.at):
            covered = self._code_around(opener.start())
            if covered:
                self._keep(covered)
            elif (end := self._end_of(opener)) is None:
                self._keep(opener.end())
            else:
                self._keep(opener.start())
                self._tag(opener[0], self.text[opener.end() : end[0]], end[1])
        self._keep(len(self.text))
        return "".join(self.out)

    def _keep(self, end: int) -> None:
        self.out.append(self.text[self.at : end])
        self.at = end

    def _code_around(self, at: int) -> int | None:
        place = bisect_right(self.code, (at, len(self.text))) - 1
        inside = place >= 0 and self.code[place][0] <= at < self.code[place][1]
        return self.code[place][1] if inside else None

    def _end_of(self, opener: re.Match[str]) -> tuple[int, int] | None:
        """Where the inside of a tag ends, and the tag; None for braces of other kinds."""
        start = opener.start()
        if opener[0] == "{{" and self.text[max(0, start - 1) : start] in ("^", "_", "}", "\\"):
            return None  # a formula
        closer = _CLOSERS[opener[0]]
        end = self.closers.get(closer, -1)
        if end < opener.end():
            end = self.text.find(closer, opener.end())
            end = self.closers[closer] = len(self.text) if end < 0 else end
        if end == len(self.text) or end - opener.end() > _LONGEST_TAG:
            return None
        return end, end + len(closer)

    def _tag(self, opener: str, inner: str, end: int) -> None:
        self.at = end
        if opener.startswith("{#") or inner.lstrip(" -").startswith("/*"):
            if opener in ("{{<", "{{%") and inner.endswith("*/"):
                self.out.append(f"`{opener}{inner.strip()[2:-2]}{_CLOSERS[opener]}`")
            return
        told = _NAME.match(inner)
        name = (told["name"] or "").lower() if told else ""
        rest = inner[told.end() :] if told else inner
        if self._in_address():
            # A title may follow, and must stand apart.
            self.out.append("# " if self.text.startswith('"', self.at) else "#")
        elif opener in ("{{", "{{{"):
            literal = _LITERAL.match(inner)
            self.out.append(literal["text"] if literal else "")
        elif told is None or not told["close"]:
            self._opened(opener, name, rest)

    def _in_address(self) -> bool:
        before = "".join(self.out[-3:])[-300:]
        return _IN_ADDRESS.search(before[before.rfind("\n") + 1 :]) is not None

    def _opened(self, opener: str, name: str, rest: str) -> None:
        closes = self._closing(opener, name)
        if name == "raw" and closes:
            self._keep(closes.start())
            self.at = closes.end()
        elif name in _SILENT and closes:
            self.at = closes.end()
        elif name in _CODE_NAMES and closes and (rest.strip() or name != "highlight"):
            code = self.text[self.at : closes.start()].strip("\r\n")
            self.out.append(f"\n\n``````\n{code}\n``````\n\n")
            self.at = closes.end()
        elif opener != "{%" or name.startswith("include") or _PICTURES.search(name):
            self._show(name, rest)

    def _closing(self, opener: str, name: str) -> re.Match[str] | None:
        if name not in _SILENT and name not in _CODE_NAMES and name != "raw":
            return None
        if opener == "{%":
            pattern = rf"\{{%-?\s*end{name}\s*-?%\}}"
        else:
            pattern = rf"\{{\{{[<%]\s*/\s*{name}\s*[>%]\}}\}}"
        return re.compile(pattern, re.IGNORECASE).search(self.text, self.at)

    def _show(self, name: str, rest: str) -> None:
        """The words that a tag is given to show, as a paragraph where it stands on its own line."""
        said = {a["key"].lower(): _unquoted(a["value"]) for a in _ATTRIBUTE.finditer(rest)}
        if name.startswith("include"):
            name = rest.split("=")[0]
        if "alt" in said or ("caption" in said and _PICTURES.search(name)):
            told = (_LINK.sub(r"\1", said.get(key, "")) for key in ("alt", "caption"))
            shown = dict.fromkeys(re.sub(r"[\[\]]", "", words).strip() for words in told)
            self.out += [f"![{words}]({FIGURE})" for words in shown if words]
            return
        if _EMBEDS.search(name):
            return
        if words := _words_shown(said):
            alone = self._alone()
            self.out.append("\n\n" + "\n\n".join(words) + "\n\n" if alone else " ".join(words))

    def _alone(self) -> bool:
        before = "".join(self.out[-3:])[-300:]
        end = self.text.find("\n", self.at)
        after = self.text[self.at : len(self.text) if end < 0 else end]
        return not before[before.rfind("\n") + 1 :].strip(" \t>") and not after.strip()


def _words_shown(said: dict[str, str]) -> list[str]:
    """What a tag is given to show, with whose words they are behind the last."""
    words = [said[key] for key in _SHOWN if said.get(key, "").strip()]
    who = next((said[key] for key in _WHO if said.get(key, "").strip()), None)
    if who and words:
        words[-1] = f"{words[-1]} — {who}"
    return words


def _unquoted(value: str) -> str:
    if value[0] in "\"'`":
        value = value[1:-1]
    return re.sub(r"\\(.)", r"\1", value)


# -- dialects --------------------------------------------------------------------------------------

_ADMONITION = re.compile(
    r"^(?P<lead>[ \t]*)(?:!!!|\?\?\?\+?)[ \t]+[\w-]+(?:[ \t]+\"(?P<title>[^\"\n]*)\")?[ \t]*\n"
    r"(?P<inner>(?:(?P=lead)(?: {4}|\t)[^\n]*(?:\n|\Z)|[ \t]*\n)+)",
    re.MULTILINE,
)
_CLASSES = r"[\w.:#=\"'% -]{0,200}"
_DIALECTS = tuple(
    (re.compile(pattern, re.MULTILINE | re.IGNORECASE), told)
    for pattern, told in (
        (r"^[ \t]*[-*+1.]+[ \t]+\S[^\n]*\n[ \t]*\{:\s*toc[^}\n]*\}[ \t]*$", ""),
        (r"^[ \t]*(?:\[TOC\]|\[\[_TOC_\]\]|<!-- toc -->)[ \t]*$", ""),
        (r"^[ \t]*\{:[^}\n]{0,200}\}[ \t]*$", ""),
        (rf"(?<=[\w)\]*_\"”’.!? ])\{{[:#.]{_CLASSES}\}}(?=[ \t]*$)", ""),
        (rf"(?<=[)\]*_`])\{{[:#.]{_CLASSES}\}}", ""),
        (r"(?<=\S)\{[.#][\w-]+(?:[ .#]+[\w-]+)*\}", ""),
        (r"\]\((?P<shown>(?:https?://|mailto:)[^()<>\n\"]*? [^()<>\n\"]*)\)", r"](<\g<shown>>)"),
        (r"^[ \t]*:{3,}[ \t]*(?:\{[^}\n]*\}|[\w-]+(?:[ \t]*\{[^}\n]*\})?)?[ \t]*$", "\n"),
        (
            r"^[ \t]*:{3,}[ \t]*[\w-]+[ \t]*\[?(?P<title>[^\]\n{]+)\]?[ \t]*$",
            r"\n\g<title>\n",
        ),
        (r"^(?P<lead>[ \t]*>[ \t]*)\[![\w-]+\][+-]?[ \t]*", r"\g<lead>"),
        (r"!\[\[[^\]\n]{1,200}\]\]", ""),
        (r"\[\[[^\]|\n]{1,200}\|(?P<shown>[^\]|\n]{1,200})\]\]", r"\g<shown>"),
        (r"(?<!\[)\[\[(?P<shown>[^\]\[|\n]{1,200})\]\](?![(\]])", r"\g<shown>"),
        (r"%%(?=\S)[^%]{1,2000}%%", ""),
        (r"(?<![=\w])==(?=[^\s=])(?P<shown>[^=\n]{1,200})(?<=\S)==(?![=\w])", r"\g<shown>"),
        (r"^import[ \t](?:[^\n]{1,200}[ \t]from[ \t]+)?[\"'][^\"'\n]+[\"'];?[ \t]*$", ""),
    )
)
_DIALECT_SIGNS = re.compile(
    r"\{[:#.]|\]\((?:http|mailto)|:::|!!!|\?\?\?|\[\[|\[!|%%|==|\[TOC\]|^import ",
    re.MULTILINE | re.IGNORECASE,
)


def _without_dialects(markdown: str) -> str:
    if _DIALECT_SIGNS.search(markdown) is None:
        return markdown
    out: list[str] = []
    at = 0
    for start, end in (*code_spans(markdown), (len(markdown), len(markdown))):
        out += [_in_markdown(markdown[at:start]), markdown[start:end]]
        at = end
    return "".join(out)


def _in_markdown(piece: str) -> str:
    piece = _ADMONITION.sub(_quoted, piece)
    for pattern, told in _DIALECTS:
        piece = pattern.sub(told, piece)
    return piece


def _quoted(match: re.Match[str]) -> str:
    title = f"{match['title']}\n\n" if match["title"] else ""
    lead = len(match["lead"])
    lines = [re.sub(r"^(?: {4}|\t)", "", line[lead:]) for line in match["inner"].split("\n")]
    return f"\n{title}" + "\n".join(lines)
