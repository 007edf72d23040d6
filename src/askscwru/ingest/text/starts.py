"""Where the posts of a page start: which of the lines that look like titles are titles.

Short lines without a full stop are titles, subheadings, captions, menus and names of sites alike.
Those with no text between them are weighed together, and one of them at most is a title: known by
the end of a post or of the page's head before it, by a byline, a date or a stated length after it,
or because the page repeats it (``Continue reading ‘…’``, the trail of links at the top).
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from askscwru.ingest.text.furniture import LineRole, line_rule
from askscwru.ingest.text.lines import SHINGLE, Line, repeating
from askscwru.letters import fold_words
from askscwru.rules import rule_file

_LINKS_BELOW = frozenset({LineRole.CONTINUE, LineRole.META, LineRole.COMMENTS})
_MAY_STAND_INSIDE = frozenset({LineRole.SHARE, LineRole.FOLLOW, LineRole.NOTICE, LineRole.SECTION})
_PASSED_OVER = frozenset(
    {LineRole.CAPTION, LineRole.CHROME, LineRole.SHARE, LineRole.FOLLOW, LineRole.COMMENTS}
)
_SEPARATES = frozenset(
    {LineRole.PAGE_HEADER, LineRole.CHROME, LineRole.SECTION, LineRole.SHARE, LineRole.NOTICE}
)
_QUOTED = re.compile(r"[“\"'‘«]\s*(.+?)\s*[”\"'’»]?[\s.…→»›>]*$")
_TRAIL = re.compile(r"\s[»›>/|]\s")
_LOOK_AHEAD = 7
_TITLE_WORDS = 4
_SITE_WORDS = 9
_WEIGHED = 12
"""Of many lines that look like titles the last, the nearest to the text, are weighed."""


def find_starts(lines: list[Line], live: list[bool], *, single: bool = False) -> list[int]:
    """The lines at which posts start, their titles, in order.

    Args:
        lines: the lines of the page.
        live: for each of them, whether it may belong to a post.
        single: whether the page holds one post.
    """
    levels = Counter(line.paragraph.level for line in lines if line.paragraph.level)
    starts = _heading_starts(lines, levels) if levels else _plain_starts(lines, live, single=single)
    return starts[:1] if single else starts


def has_header(lines: list[Line], at: int) -> bool:
    """Whether a byline, a date or a stated length follows before the text begins."""
    for line in lines[at + 1 : at + 1 + _LOOK_AHEAD]:
        if line.comment_head and not line.by:
            return False
        if line.by or (line.role is LineRole.META and not is_footer_meta(line)):
            return True
        if line.stated_words is not None:
            return True
        if line.prose or line.reference or (line.role and line.role not in _PASSED_OVER):
            return False
    return False


def is_footer_meta(line: Line) -> bool:
    """Whether a line of dates and categories is of the kind that stands below a post."""
    return line_rule("foot").match(line.plain) is not None


# -- Markdown --------------------------------------------------------------------------------------


def _heading_starts(lines: list[Line], levels: Counter[int]) -> list[int]:
    """The headings of the level at which posts stand."""
    top = min(levels)
    deeper = sorted(level for level in levels if level > top)
    if levels[top] == 1 and deeper and levels[deeper[0]] >= 2:
        below = _at_level(lines, deeper[0])
        if 2 * sum(_stands_alone(lines, at) for at in below) > len(below):
            return below
    found = _at_level(lines, top)
    if not _are_sections(lines, found, top):
        return found
    title = not any(line.prose for line in lines[: found[0]])
    return found[:1] if title and (top == 1 or has_header(lines, found[0])) else []


def _are_sections(lines: list[Line], found: list[int], level: int) -> bool:
    """Whether headings part one article into sections, and not one post from another."""
    if len(found) <= 1 or all(_stands_alone(lines, at) for at in found[1:]):
        return False
    names = rule_file("lines").words("section name")
    named = any(lines[at].folded in names for at in found)
    first_only = has_header(lines, found[0]) and not any(has_header(lines, at) for at in found[1:])
    return named or first_only or level > 1


def _at_level(lines: list[Line], level: int) -> list[int]:
    return [at for at, line in enumerate(lines) if line.paragraph.level == level]


def _stands_alone(lines: list[Line], at: int) -> bool:
    return has_header(lines, at) or (at > 0 and lines[at - 1].paragraph.rule)


# -- plain text ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Hints:
    """What the page as a whole tells about its titles."""

    named: frozenset[str]
    """Titles that the page repeats where it speaks of a post."""
    sites: frozenset[str]
    """Lines that name the site."""
    listed: bool
    """Whether the page says at its head that it lists posts (``Tag Archives: …``)."""
    many: bool
    """Whether the page shows several posts."""
    dates_above: bool
    """Whether dates stand above the titles, as Blogger has it."""
    rules_part: bool
    """Whether each line of dashes parts two posts."""


def _plain_starts(lines: list[Line], live: list[bool], *, single: bool) -> list[int]:
    hints = _hints(lines, live)
    starts: list[int] = []
    clusters = _clusters(lines, live, hints)
    for cluster in clusters:
        title = _title_of(lines, live, cluster, hints, first=not starts)
        if title is not None:
            starts.append(title)
    if hints.listed and len(starts) <= 1 and not single:
        # The page says that it lists posts, and nothing but their titles parts them.
        bare = [c[0] for c in clusters if _body_after(lines, live, c[-1])]
        starts = sorted({*starts, *(at for at in bare if lines[at].words >= _TITLE_WORDS)})
    if single and starts:
        named = [at for at in starts if lines[at].folded in hints.named]
        return named[:1] or starts[:1]
    return starts


def _hints(lines: list[Line], live: list[bool]) -> _Hints:
    openings = sum(line.ends_opening for line in lines)
    headed = sum(
        line.title_like and live[at] and has_header(lines, at) and not has_header(lines, at + 1)
        for at, line in enumerate(lines[:-1])
    )
    listed = any(
        line.role is LineRole.PAGE_HEADER and not _TRAIL.search(line.plain) for line in lines[:20]
    )
    return _Hints(
        named=_named(lines),
        sites=_sites(lines),
        listed=listed,
        many=listed
        or openings >= 2
        or headed >= 3
        or any(line_rule("pages of a list").match(line.plain) for line in lines),
        dates_above=_dates_above(lines),
        rules_part=_rules_part(lines),
    )


def _dates_above(lines: list[Line]) -> bool:
    dated = sum(_only_date(line) and below.title_like for line, below in pairwise(lines))
    return dated >= 2 or any(line_rule("dated above").match(line.plain) for line in lines)


def _rules_part(lines: list[Line]) -> bool:
    rules = [at for at, line in enumerate(lines) if line.paragraph.rule]
    return len(rules) >= 2 and all(
        any(below.title_like for below in lines[at + 1 : at + 2]) for at in rules
    )


def _only_date(line: Line) -> bool:
    return line.role is LineRole.META and not line.by and not is_footer_meta(line)


def _named(lines: list[Line]) -> frozenset[str]:
    """Titles that a link to the rest, the comments' heading or the trail at the top repeats."""
    titles = set()
    for line in lines:
        if line.role in (LineRole.CONTINUE, LineRole.COMMENTS) and (
            match := _QUOTED.search(line.plain)
        ):
            titles.add(fold_words(match[1]))
        elif line.role is LineRole.PAGE_HEADER and _TRAIL.search(line.plain):
            titles.add(fold_words(_TRAIL.split(line.plain)[-1]))
        elif line.linked and (match := _QUOTED.search(line.text[line.kept_end - line.start :])):
            titles.add(fold_words(match[1]))
    return frozenset(titles - {""})


def _sites(lines: list[Line]) -> frozenset[str]:
    """Lines that the footer names as the owner, or that stand behind a title in another line."""
    owners = " ".join(line.folded for line in lines if line_rule("owner").match(line.plain[:300]))
    sites = {
        line.folded
        for line in lines[:30]
        if line.folded
        and line.words <= _SITE_WORDS
        and (line_rule("site name").match(line.plain) or (owners and line.folded in owners))
    }
    return frozenset(sites)


def _clusters(lines: list[Line], live: list[bool], hints: _Hints) -> list[list[int]]:
    """The lines that look like titles, those with no text between them together."""
    quotes = {
        at
        for at in _body_repeats(lines, live)
        if not has_header(lines, at) and not _post_ended(lines, at, hints)
    }
    clusters: list[list[int]] = []
    parted = True
    for at, line in enumerate(lines):
        if live[at] and line.title_like and at not in quotes:
            if parted:
                clusters.append([])
            clusters[-1].append(at)
            # A question may be a title, and may be a paragraph of the text.
            parted = line.prose and not (at + 1 < len(lines) and lines[at + 1].title_like)
        elif _is_text(line) or line.role is LineRole.CONTINUE:
            parted = True
    return clusters


def _is_text(line: Line) -> bool:
    return line.prose or line.reference or (line.paragraph.bullet and line.words >= 5)


def _body_repeats(lines: list[Line], live: list[bool]) -> set[int]:
    """Short lines that repeat a part of a paragraph: pull quotes."""
    short = [at for at, line in enumerate(lines) if line.words >= SHINGLE and line.title_like]
    return repeating(
        lines, short, [line for at, line in enumerate(lines) if line.prose and live[at]]
    )


def _title_of(
    lines: list[Line], live: list[bool], cluster: list[int], hints: _Hints, *, first: bool
) -> int | None:
    """Which line of a cluster is the title of a post, or None where no post starts here."""
    for at in cluster[: -_WEIGHED - 1 : -1]:
        if lines[at].folded in hints.named and (
            _body_after(lines, live, at) or _continues(lines, at)
        ):
            return at
    if not _body_after(lines, live, cluster[-1]):
        return None
    top = first and not any(lines[at].prose and live[at] for at in range(cluster[0]))
    if top and (shown_twice := _shown_twice(lines, cluster[-_WEIGHED:], hints)) is not None:
        return shown_twice
    segment = _last_segment(lines, cluster[-_WEIGHED:], hints)
    if top:
        return _best(lines, segment, hints)
    headed = [at for at in segment if has_header(lines, at)]
    if headed:
        return _first_of_header(lines, headed, hints)
    return segment[0] if _post_ended(lines, segment[0], hints) else None


def _continues(lines: list[Line], at: int) -> bool:
    return any(line.ends_opening for line in lines[at + 1 : at + 3])


def _last_segment(lines: list[Line], cluster: list[int], hints: _Hints) -> list[int]:
    """The lines of a cluster behind the last thing that parts a page's head from its post."""
    segment = [cluster[0]]
    for before, at in pairwise(cluster):
        between = lines[before + 1 : at]
        by = any(line.by for line in between)
        dated = hints.dates_above and any(_only_date(line) for line in between)
        if dated or (not by and _parted(lines, before, at)):
            segment = []
        elif by or any(line.role is LineRole.META for line in between):
            # A byline or a date closes a title: what follows it is a subheading.
            break
        segment.append(at)
    return segment


def _parted(lines: list[Line], before: int, at: int) -> bool:
    """Whether what stands between two lines that look like titles parts them.

    A rule between a line with a byline and one without parts nothing.
    """
    between = lines[before + 1 : at]
    separated = any(line.role in _SEPARATES for line in between)
    if not (separated or any(line.paragraph.rule for line in between)):
        return False
    return separated or not has_header(lines, before) or has_header(lines, at)


def _shown_twice(lines: list[Line], cluster: list[int], hints: _Hints) -> int | None:
    """The line that the page's head shows again above the text, as for sharing; or None."""
    seen = Counter(lines[at].folded for at in cluster)
    for at in reversed(cluster):
        line = lines[at]
        if seen[line.folded] > 1 and line.words >= _TITLE_WORDS and line.folded not in hints.sites:
            return at
    return None


def _best(lines: list[Line], segment: list[int], hints: _Hints) -> int:
    """The title among the lines at the top of a page."""
    own = [at for at in segment if lines[at].folded not in hints.sites] or segment
    for at in own:
        # "Title | Site" is what the browser shows above the page; the title stands below it again.
        if any(
            other != at and lines[other].folded.startswith(lines[at].folded + " ")
            for other in segment
        ):
            return at
    if any(line.role is LineRole.PAGE_HEADER for line in lines[max(0, own[0] - 2) : own[0]]):
        return own[0]
    if hints.many:
        return own[-1] if len(own) > 1 and lines[own[-1]].words >= _TITLE_WORDS else own[0]
    return next((at for at in own if lines[at].words >= _TITLE_WORDS), own[-1])


def _first_of_header(lines: list[Line], headed: list[int], hints: _Hints) -> int:
    """The title of several lines above one byline: a subtitle stands below it, a label above."""
    own = [at for at in headed if lines[at].folded not in hints.sites] or headed
    return next((at for at in own if lines[at].words >= _TITLE_WORDS), own[-1])


def _post_ended(lines: list[Line], at: int, hints: _Hints) -> bool:
    """Whether what stands before the line closes a post or the head of the page."""
    for before in range(at - 1, -1, -1):
        line = lines[before]
        if line.paragraph.rule:
            return hints.rules_part
        if line.reference or line.signature or line.role in _LINKS_BELOW:
            return True
        if line.role is LineRole.PAGE_HEADER or (line.role in _MAY_STAND_INSIDE and hints.many):
            return True
        if line.role in _PASSED_OVER or line.role in _MAY_STAND_INSIDE or line.name:
            continue
        return line.ends_opening
    return True


def _body_after(lines: list[Line], live: list[bool], at: int) -> bool:
    """Whether running text follows before the next thing that ends a post."""
    seen = 0
    for step in range(at + 1, len(lines)):
        line = lines[step]
        if not live[step]:
            return False
        if line.prose or (line.paragraph.bullet and line.words >= 5):
            return True
        if (
            line.role in (LineRole.CONTINUE, LineRole.SECTION, LineRole.PAGE_HEADER)
            or line.reference
        ):
            return False
        seen += line.role is None
        if seen > _LOOK_AHEAD:
            return False
    return False
