"""Which posts a question means: conditions read off its words, and what is left without them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date

from askscwru.answering.collection.asked import Conditions
from askscwru.answering.collection.catalogue import Catalogue
from askscwru.answering.collection.periods import period_at_end, period_at_start
from askscwru.answering.collection.vocabulary import POST, WRITE, WRITTEN

_ANY_CASE = re.IGNORECASE
_ABOUT = (
    r"(?:(?:that|which|who)\s+)?(?:(?:is|are|was|were|do|does|did|have|has|to)\s+)*(?:mainly |mostly |specifically |something |anything )*"
    r"(?:about|regarding|concerning|on the (?:topics?|subjects?|themes?|question) of|on about|(?:deal|deals|dealing|dealt) with|"
    r"(?:discuss|cover|describ|address|treat|explor|examin)(?:e?s|ing|e)?|(?:look|looks|looking) (?:at|into)|(?:talk|talks|talking) (?:about|of)|"
    r"(?:focus|focuses|focusing|focused) on|to do with|(?:relate|relates|related|relating) to|touch(?:es|ing)? (?:on|upon))"
)
_WORDS = r"(?:the )?(?:exact )?(?:words?|phrases?|terms?|names?|expressions?|strings?)"
_QUOTE = r"[‘“'\"«]"
_MENTION = (
    rf"(?:(?:that|which|who)\s+)?(?:(?:do|does|did|have|has|to|is|are)\s+)*(?:actually |even |ever )?"
    rf"(?:(?:mention|quote|cite)(?:s|ing|ed|d)?(?:\s+{_WORDS})?|(?:refer|refers|referring|referred) to(?:\s+{_WORDS})?|"
    rf"(?:contain|include|use|have|has|say|write)(?:s|ing|ed|d)?\s+{_WORDS}|(?:with|containing|using|including|saying)\s+{_WORDS}|"
    rf"(?:contain|containing|include|use)(?:s|ing)?(?=\s+{_QUOTE}))"
)
_FREE = re.compile(
    rf"(?P<mention>\b{_MENTION})\s+|(?P<about>\b{_ABOUT})\s+|"
    rf"(?P<on>(?:(?<=\bposts)|(?<=\bpost)|(?<=\barticles)|(?<=\barticle)|(?<=\bentries)|(?<=\bpieces)|(?<=\bessays)|(?<=\bblogs)|"
    rf"(?<=\bwritten)|(?<=\bwrote)|(?<=\bwrite)|(?<=\bwrites)|(?<=\bposted)|(?<=\bpublished)|(?<=\bpublish)|(?<=\bhere)|(?<=\bthere)|"
    rf"(?<=\beverything)|(?<=\banything)|(?<=\bare)|(?<=\bauthors)|(?<=\byou))\s+on)\s+",
    _ANY_CASE,
)
_BY = re.compile(
    rf"[\s,]+(?:(?:that|which)\s+)?(?:(?:is|are|was|were|have been|has been)\s+)?(?:{WRITTEN}\s+)?(?P<by>by|from|of)\s+(?:the (?:author|writer|blogger)s?\s+)?(?P<who>[^,?]+(?:,[^,?]+)*)$",
    _ANY_CASE,
)
_BLOG = re.compile(
    rf"[\s,]+(?:(?:that|which)\s+)?(?:(?:is|are|was|were)\s+)?(?:{WRITTEN}\s+)?(?:on|in|from|of|for|at|by)\s+(?P<blog>[^,?]+)$",
    _ANY_CASE,
)
_LABEL = re.compile(
    r"[\s,]+(?:(?:that|which)\s+)?(?:(?:is|are|was|were|have|has|do|does)\s+)*"
    r"(?:tagged(?: with| as)?|labell?ed(?: with| as)?|filed (?:under|in|as)|categori[sz]ed (?:as|under)|classified (?:as|under)|"
    r"(?:in|under|from|of|with|carry|have|belong(?:s|ing)? to) the (?:categor(?:y|ies)|tags?|labels?|sections?|topics?|keywords?)(?: of| called| named)?|"
    r"(?:in|under) (?:category|tag|section|topic|label))\s+(?P<label>[^,?]+)$",
    _ANY_CASE,
)
_LABEL_AFTER = re.compile(
    r"[\s,]+(?:(?:are|is|filed|stand)\s+)?(?:in|under|with|from)\s+the\s+(?P<label>[^,?]+?)\s+(?:category|tag|label|section|topic)$",
    _ANY_CASE,
)
_NO_DATE = re.compile(
    r"[\s,]+(?:(?:that|which)\s+)?(?:(?:are|is|have|has|give|show|bear)\s+)?(?:without (?:a |any )?dates?|no dates?|undated|not dated)$",
    _ANY_CASE,
)
_DATED = re.compile(
    r"[\s,]+(?:(?:that|which)\s+)?(?:have|has|are|is|with|bear|give|show)\s+(?:an? |any )?(?:known )?(?:publication )?(?:dates?|dated)$",
    _ANY_CASE,
)
_NO_TITLE = re.compile(
    r"[\s,]+(?:(?:that|which)\s+)?(?:(?:are|is|have|has)\s+)?(?:without (?:a |any )?titles?|no titles?|untitled)$",
    _ANY_CASE,
)
_WHOLE = re.compile(
    r"[\s,]+(?:(?:that|which)\s+)?(?:(?:are|is|known|here|there|we|you|i|have|has|can|be|read|only|just)\s+)*"
    r"(?:(?P<all>complete|whole|full|in full|entire|in their entirety)|(?P<part>incomplete|cut short|openings?|an opening|extracts?|excerpts?|partial|in part))$",
    _ANY_CASE,
)
_STATED = re.compile(
    r"[\s,]+(?:(?:that|which|for which|whose)\s+)(?:states? a word count|a number of words is (?:given|stated)|"
    r"(?:a |the )?(?:word count|number of words|length) is (?:given|stated|known)|(?:gives?|states?) (?:a |the |its |their )?(?:number of words|length|word counts?))$",
    _ANY_CASE,
)
_AND = re.compile(
    r"\s*(?:,\s*(?:and|or)\s+|,|&|\band\b|\bor\b|\bwith\b|\btogether with\b|\balong with\b)\s*",
    _ANY_CASE,
)
_NO_PERSON = frozenset(
    "the a an this that these those it they them people someone anybody anyone everyone everybody somebody nobody who whom "
    "he she we you i my your our their his her its us me him one others other same and or of for with from in on at to".split()
)
_POINTS_BACK = re.compile(
    r"(?:that|this|it|them|those|these|him|her|us|me|you)(?: (?:too|as well|here))?\W*", _ANY_CASE
)
_SURELY_WRITTEN = re.compile(
    r"\b(?:blog ?)?posts?\b|\b(?:wr(?:ote|itten|ites?)|blogged)\b", _ANY_CASE
)
_POST_WORD = re.compile(rf"^(?:{POST}|{WRITE})$", _ANY_CASE)


@dataclass(frozen=True, slots=True)
class Peeled:
    """A question without its conditions, and the conditions."""

    core: str
    where: Conditions


class Peeler:
    """Takes conditions off the words of a question, by the fields that the records have."""

    def __init__(
        self,
        catalogue: Catalogue,
        said_in_posts: Callable[[str], bool],
        today: Callable[[], date] = date.today,
    ) -> None:
        self._catalogue = catalogue
        self._said = said_in_posts
        self._today = today

    def peel(self, text: str) -> Peeled:
        """The conditions at the start and the end of ``text``, and what stands between them."""
        where = Conditions()
        if begun := period_at_start(text, self._today()):
            period, text = begun
            where = replace(where, period=period)
        core, where = self._off_the_end(text, where)
        free = _FREE.search(core)
        if free is None:
            return Peeled(core, where)
        slot = core[free.end() :].strip(" ,")
        if _POINTS_BACK.fullmatch(slot):
            return Peeled(core, where)  # of what was said before, and of no word
        second = _FREE.search(slot)
        if second is not None and bool(second["mention"]) != bool(free["mention"]):
            rest = slot[second.end() :]
            slot = re.sub(r"\s+and$", "", slot[: second.start()].rstrip(" ,"))
            where = _with_free(where, second, rest)
            slot, where = self._off_the_end(slot, where)
        head, where = self._off_the_end(core[: free.start()].rstrip(" ,"), where)
        return Peeled(head, _with_free(where, free, slot))

    def people(self, words: str, *, writes: bool = True, small: bool = False) -> tuple[str, ...]:
        """The authors that some words name; none where they name no person.

        A name that no author has is one where it is written like one: "Jane Smith" wrote nothing,
        which is worth saying; "the council" is not somebody who writes posts.

        Args:
            words: what may be a name.
            writes: whether it can only be an author; else a name that the posts speak of is none.
            small: whether the question has no capitals by which to tell a name.
        """
        words = re.sub(r"^(?:both|either)\s+", "", words.strip(), flags=re.IGNORECASE)
        if not words:
            return ()
        if self._catalogue.author(words):
            return (words,)
        names = [name for name in _AND.split(words) if name]
        if names and all(
            self._catalogue.author(name)
            or (_like_a_name(name, small=small) and (writes or not self._spoken_of(name)))
            for name in names
        ):
            return tuple(names)
        return ()

    def authors(self, words: str) -> tuple[str, ...]:
        """The authors that some words name, each of them known; none where one is not."""
        names = self.people(words)
        return names if names and all(map(self._known, names)) else ()

    # -- one condition at a time -----------------------------------------------------------------

    def _off_the_end(self, text: str, where: Conditions) -> tuple[str, Conditions]:
        while True:
            for step in (self._period, self._flags, self._label, self._blog, self._author):
                found = step(text, where)
                if found is not None:
                    text, where = found
                    break
            else:
                return text, where

    def _period(self, text: str, where: Conditions) -> tuple[str, Conditions] | None:
        if where.period is not None:
            return None
        found = period_at_end(text, self._today())
        return None if found is None else (found[0], replace(where, period=found[1]))

    def _flags(self, text: str, where: Conditions) -> tuple[str, Conditions] | None:
        flags: tuple[tuple[re.Pattern[str], Conditions], ...] = (
            (_NO_DATE, replace(where, undated=True)),
            (_DATED, replace(where, undated=False)),
            (_NO_TITLE, replace(where, untitled=True)),
            (_STATED, replace(where, stated=True)),
        )
        for form, flagged in flags:
            if match := form.search(text):
                return text[: match.start()], flagged
        if match := _WHOLE.search(text):
            return text[: match.start()], replace(where, whole=bool(match["all"]))
        return None

    def _label(self, text: str, where: Conditions) -> tuple[str, Conditions] | None:
        if where.label is not None:
            return None
        match = _LABEL.search(text) or _LABEL_AFTER.search(text)
        if match is None:
            return None
        return text[: match.start()], replace(where, label=_unquoted(match["label"]))

    def _blog(self, text: str, where: Conditions) -> tuple[str, Conditions] | None:
        if where.blog is not None or not self._catalogue.blogs:
            return None
        for match in _last(_BLOG, text):
            if name := self._catalogue.blog(_unquoted(match["blog"])):
                return text[: match.start()], replace(where, blog=name)
        return None

    def _author(self, text: str, where: Conditions) -> tuple[str, Conditions] | None:
        if where.authors:
            return None
        for match in _last(_BY, text):
            if not match["by"] or (match["by"].lower() != "by" and not self._known(match["who"])):
                continue
            small = match["by"].lower() == "by" and text == text.lower()
            writes = bool(_SURELY_WRITTEN.search(text))
            if names := self.people(match["who"], writes=writes, small=small):
                either = bool(re.search(r"\bor\b|\beither\b", match["who"], _ANY_CASE))
                return text[: match.start()], replace(where, authors=names, either=either)
        return None

    def _spoken_of(self, name: str) -> bool:
        return all(self._said(word) for word in name.split())

    def _known(self, words: str) -> bool:
        return bool(self._catalogue.author(words))


def _with_free(where: Conditions, free: re.Match[str], slot: str) -> Conditions:
    """The conditions with what posts are about, or mention."""
    words = _unquoted(slot)
    if not words:
        return where
    return replace(where, words=words) if free["mention"] else replace(where, topic=words)


def _last(form: re.Pattern[str], text: str) -> list[re.Match[str]]:
    """Matches of a form that ends with the text, the shortest first."""
    found = []
    starts = [at.start() for at in re.finditer(r"[\s,]+", text)]
    for start in reversed(starts[-12:]):
        match = form.match(text, start)
        if match is not None:
            found.append(match)
    return found


def _like_a_name(words: str, *, small: bool = False) -> bool:
    """Whether words are written as a name is; ``small`` where nothing has a capital."""
    parts = words.split()
    if not 1 <= len(parts) <= 4 or any(part.lower() in _NO_PERSON for part in parts):
        return False
    if any(_POST_WORD.match(part) for part in parts):
        return False
    if small:
        return 2 <= len(parts) <= 3 and all(part.isalpha() for part in parts)
    return all(part[0].isupper() for part in parts if len(part) > 3) and parts[-1][0].isupper()


def _unquoted(words: str) -> str:
    plain = words.strip().strip("‘“'\"«»”’").strip(" ,.;:?!")
    return plain.strip("‘“'\"«»”’")
