"""What a thing is, or who somebody is: which sentences say so, and which only use the word.

"What is a personal budget?" is not answered by "We interviewed fifty people who have a personal
budget", however well that reads. Sentences define in few ways (Hearst, "Automatic acquisition of
hyponyms from large text corpora", COLING 1992; Muresan and Klavans, "A method for automatically
building and evaluating dictionary resources", LREC 2002): a copula with a noun, an apposition, a
verb of meaning or of what a thing does, "called" and its like.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import IntEnum
from functools import lru_cache

from askscwru.names import TITLE

_ASKS = re.compile(
    r"^\W*(?:(?:and|so|but|then|ok|okay|please|sorry|well),? )*"
    r"(?:(?:can|could|would) (?:you|the posts|anyone|anybody) (?:please )?)?"
    r"(?:(?:please )?(?:tell me|explain|say|describe|do you know|do the posts say) )?"
    r"(?P<asks>what exactly|what|who)(?:(?:[’']s| is| are| was| were) (?P<thing>[^?!;:,]+)|"
    r" (?P<later>[^?!;:,]+?) (?:is|are|was|were))"
    r"\W*$",
    re.IGNORECASE,
)
_ASKS_MEANING = re.compile(
    r"^\W*(?:(?:and|so|but|then),? )*(?:"
    r"what (?:does|do|did) (?:the (?:term|word|phrase|abbreviation|acronym|letters) )?"
    r"(?P<a>[^?]+?) (?:mean|stand for|refer to)|"
    r"what (?:is|are|was|were) meant by (?P<b>[^?]+)|"
    r"what (?:do|does|did) (?:\w+ ){1,3}mean by (?P<c>[^?]+)|"
    r"(?:please )?define (?P<d>[^?]+)|"
    r"(?:what is |what[’']s )?(?:the |a )?(?:meaning|definition) of (?P<e>[^?]+)"
    r")\W*$",
    re.IGNORECASE,
)
_NOT_THINGS = frozenset(
    "it this that these those there here he she they you i we him her them his their our your my "
    "its new wrong right next left missing different similar better best good bad worse worst "
    "important available possible known needed required happening up on off true false said one "
    "two other another else more most less least such same changing happening lacking coming going "
    "growing working being driving causing stopping holding planning significant interesting "
    "surprising striking clear unclear certain special unusual notable urgent useful necessary "
    "essential".split()
)
"""What may follow "what is" and is no thing of which one asks what it is."""
_BINDS = re.compile(
    r"\b(?:of|for|in|on|at|to|by|with|from|about|like|as|between|than|into|after|before|since|"
    r"during|under|over|through|without|that|which|who|whom|whose|where|when|why|how|and|or|but|"
    r"not|is|are|was|were|be|been|being|do|does|did|has|have|had|will|would|can|could|should|may|"
    r"might|used|called|based|said|made|doing|going|trying|proposing|working|saying|asking)\b",
    re.IGNORECASE,
)
"""A thing that has one of these is described, and something of it is asked: "the roots of …"."""
_IN_NAMES = frozenset("of and for in on the to with at de la".split())
_WHO = re.compile(r"\W*(?:(?:and|so|but),? )?who\b", re.IGNORECASE)
_IN_PASSING = re.compile(
    r",? (?:please|exactly|really|actually|anyway|again|then|though|in short|in general|"
    r"in a nutshell|all about|for short|in (?:simple|plain) (?:words|terms|english))\W*$",
    re.IGNORECASE,
)
"""What changes nothing of what is asked."""
_MOST_WORDS = 6
_BRACKET = re.compile(r"\s*\(([^()]*)\)$")
_FEWEST_LETTERS = 2
"""Capitals of an abbreviation."""
_ABBREVIATION = re.compile(r"[A-Z](?:[A-Za-z&/-]*[A-Z])s?")
_ROLES = (
    r"(?:professor|lecturer|fellow|editor|director|author|researcher|manager|head|chief|chair\w*|"
    r"president|minister|officer|founder|reader|doctor|nurse|psychologist|sociologist|economist|"
    r"student|worker|journalist|writer|lead|secretary|commissioner|partner|trustee|consultant|"
    r"member|senior|associate|assistant|former|deputy)"
)
_MEANS = (
    r"(?:(?:can|may|could) be (?:defined|described|seen|understood|thought of) as|"
    r"(?:is|are|was|were) (?:\w+ly )?"
    r"(?:defined|described|understood|known|thought of|classified|regarded|seen) as|"
    r"(?:is|are) short for|meant|comprised|consisted of|referred to|"
    r"(?:means|refers to|stands for|consists of|comprises|denotes|describes|involves|entails|gives|"
    r"allows|enables|lets|offers|provides|helps|aims|supports|brings together|matches|"
    r"works (?:by|with|to))|"
    r"(?<=s )(?:mean|refer to|stand for|consist of|comprise|denote|describe|involve|entail|give|"
    r"allow|enable|let|offer|provide|help|aim|support|bring together|match|work (?:by|with|to)))\b"
)
"""The bare form stands after a plural alone: "social care support" is no support of anybody."""
_SORT = (
    r"(?:(?:an?|the|one|any(?:body|one|thing)?|some(?:body|one|thing)?|those|what|how|when|where|"
    r"our|another)\b|"
    rf"{_ROLES}\b|(?-i:[A-Z])[\w-]+|\w+(?<!s)s (?:who|that|which|where|whose|of|for|in|with|to)\b|"
    r"(?:people|those|children|men|women) (?:who|that|with|whose)\b)"
)
"""What a copula is followed by where it says of what sort a thing is."""
_SAYS_LITTLE = re.compile(
    r"(?:an?|the|one)(?: [\w’'-]+){0,3}? (?:issues?|phenomen\w+|goals?|challenges?|priorit\w+|"
    r"problems?|topics?|subjects?|questions?|concerns?|success\w*|failures?|reality|matters?|"
    r"facts?|shame|pity|examples?|answers?|reasons?|focus|case|result|future|past|start|beginning)"
    r"\b",
    re.IGNORECASE,
)
"""A copula with such a noun says what is thought of a thing, not what it is."""
_LEAD = re.compile(r"[^,]{1,60}, ")
_LEAD_WORDS = re.compile(
    r"[^\w‘“]*(?:(?:and|so|but|yet|however|thus|today|now|first|second|third|finally|the|an?|these|"
    r"those|this|our|their|such|some|many|most|both|all|new)[^\w‘“]+|"
    rf"{TITLE}[^\w‘“]+)*",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\W*(?:it|they|this|these|he|she|the (?:scheme|programme|program|project|approach|term|"
    r"organisation|organization|initiative|idea|model|service|system|body|group|study|unit))\b",
    re.IGNORECASE,
)


class Told(IntEnum):
    """How much a sentence says of what a thing is."""

    DEFINED = 0
    """What it is, or what it does."""
    DESCRIBED = 1
    """Something of it: the thing is what the sentence is about."""
    MENTIONED = 2
    """Nothing: it is about something else."""


@dataclass(frozen=True, slots=True)
class Definition:
    """A question for what a thing is."""

    thing: str
    """As it is written in the question, without an article."""
    short: str = ""
    """The abbreviation that stood in brackets behind it; of a person, the last name."""
    in_full: bool = False
    """Whether what a word means or stands for is asked."""

    def is_named_in(self, text: str) -> bool:
        """Whether a text has the word; what no text has may be no word for a thing at all."""
        return re.search(_name(self.thing, self.short), text) is not None

    def is_office(self, question: str, texts: Sequence[str]) -> bool:
        """Whether "who is chair?" asks who holds an office: texts write it small, or as a head."""
        if not _WHO.match(question) or not self.thing.islower() or " " in self.thing:
            return False
        word = re.escape(self.thing)
        head = rf"(?<=; ){word}: |(?<=: ){word}; "
        return any(
            re.search(rf"(?<=[a-z,] ){word}\b", text) or re.search(head, text, re.IGNORECASE)
            for text in texts
        )

    @classmethod
    def asked(cls, question: str) -> Definition | None:
        """The thing that a question asks the nature of; None where it asks anything else.

        "What is a personal budget?" does; "What is the budget of the project?" asks for a value,
        and "What is Anna proposing?" for a thing that she does.
        """
        question = _IN_PASSING.sub("", question)
        if means := _ASKS_MEANING.match(question):
            meant = cls._of(next(part for part in means.groups() if part))
            if meant is None or meant.thing.split()[0].lower() in _NOT_THINGS:
                return None
            return replace(meant, in_full=True)
        asks = _ASKS.match(question)
        if asks is None:
            return None
        said = (asks["thing"] or asks["later"]).strip()
        found = cls._of(said)
        who = asks["asks"].lower() == "who"
        if found is None or not _is_thing(found.thing, said, who=who):
            return None
        names = found.thing.split()
        is_person = who and len(names) > 1 and all(name[:1].isupper() for name in names)
        return replace(found, short=names[-1]) if is_person else found

    @classmethod
    def _of(cls, said: str) -> Definition | None:
        bracket = _BRACKET.search(said.strip())
        thing = _bare(said[: bracket.start()] if bracket else said)
        return cls(thing, bracket[1].strip() if bracket else "") if thing else None

    def told_by(self, sentence: str, before: str = "", context: str = "") -> Told:
        """How much a sentence says of the thing.

        Args:
            sentence: what is looked at.
            before: the sentence before it, of which it may go on to speak as "it".
            context: what its passage is about, such as the title of its post.
        """
        name = _name(self.thing, self.short)
        if re.search(name, sentence):
            if self.in_full and self.long_form([sentence]):
                return Told.DEFINED
            sentence = self._shortened(sentence)
            if any(pattern.search(sentence) for pattern in (_led_in(name), *_anywhere(name))):
                return Told.DEFINED
            of_a_name = not self.thing.islower()
            told = self._told_at_once(name, sentence, of_a_name=of_a_name)
            return min(told, Told.DESCRIBED) if self._is_meant_again(sentence) else told
        if before and re.search(name, before) and (back := _BACK.match(sentence)):
            return min(Told.DESCRIBED, self.told_by(f"{self.thing}{sentence[back.end() :]}"))
        # A post with a name in its title is about its bearer; one with a noun may be of anything.
        about = not self.thing.islower() and re.search(name, context)
        return Told.DESCRIBED if about else Told.MENTIONED

    def long_form(self, texts: Iterable[str]) -> str | None:
        """What an abbreviation is short for, as the first text has it that gives it in full.

        After Schwartz and Hearst, "A simple algorithm for identifying abbreviation definitions in
        biomedical text", PSB 2003: the fewest words before the bracket with the abbreviation whose
        initials have its letters in their order, the first for the first.
        """
        letters = [letter.lower() for letter in self.thing if letter.isupper()]
        if " " in self.thing or len(letters) < _FEWEST_LETTERS:
            return None
        bracket = re.compile(rf"[\w’'-][’”\"']?\s\(\s?{re.escape(self.thing.rstrip('s'))}s?\s?\)")
        for text in texts:
            for found in bracket.finditer(text):
                before = text[max(0, found.start() - 120) : found.start() + 1]
                words = list(re.finditer(r"[\w’'-]+", before))[-2 * len(letters) :]
                for word in reversed(words):
                    long = before[word.start() :]
                    if _initials_give(long, letters):
                        return long
        return None

    def spelt_out(self, question: str, texts: Iterable[str]) -> str | None:
        """The question with the long form of its abbreviation; None where no text gives one.

        What an abbreviation stands for is asked as it is.
        """
        long = None if self.in_full else self.long_form(texts)
        return long and question.replace(self.thing, f"{long} ({self.thing})", 1)

    @staticmethod
    def _told_at_once(name: str, sentence: str, *, of_a_name: bool) -> Told:
        """How much a sentence says that begins with the thing, but for what leads in."""
        lead = _LEAD.match(sentence)
        for start in (0, lead.end() if lead else 0):
            words = _LEAD_WORDS.match(sentence, start)
            found = _begins(name).match(sentence, words.end() if words else start)
            if found is None:
                continue
            begun = found.end()
            if any(pattern.match(sentence, begun) for pattern in _at_once(name)):
                return Told.DEFINED
            copula = _copula(name, of_a_name=of_a_name).match(sentence, begun)
            if copula and not _SAYS_LITTLE.match(sentence, copula.end("copula") + 1):
                return Told.DEFINED
            if _is_subject(name).match(sentence, begun):
                return Told.DESCRIBED
        return Told.DESCRIBED if _is_explained(name).search(sentence) else Told.MENTIONED

    def _is_meant_again(self, sentence: str) -> bool:
        """Whether a name's own noun stands in for it: "the journal" for the Journal of Care."""
        nouns = [word.lower() for word in self.thing.split() if word[:1].isupper()]
        again = "|".join(map(re.escape, nouns)) if len(nouns) > 1 else ""
        return (
            bool(again) and re.search(rf"\b(?:[Tt]he|[Tt]his) (?:{again})\b", sentence) is not None
        )

    def _shortened(self, sentence: str) -> str:
        """A sentence in which an abbreviation stands for its long form with itself in brackets."""
        long = self.long_form([sentence])
        if long is None:
            return sentence
        at = sentence.index(long)
        return sentence[:at] + self.thing + sentence[sentence.index(")", at + len(long)) + 1 :]


def _bare(thing: str) -> str:
    """Without article, quotation marks and what stands at the ends."""
    thing = thing.strip(" \t\n“”\"‘’'.,?!")
    return re.sub(r"^(?:the|an?)\s+", "", thing, flags=re.IGNORECASE).strip("“”\"‘’' ")


def _is_thing(thing: str, said: str, *, who: bool) -> bool:
    """Whether one asks what it is: a name, or a noun without "the" and without what belongs to it.

    Args:
        thing: without article.
        said: with it.
        who: whether it is asked who it is.
    """
    words = thing.split()
    if len(words) > _MOST_WORDS or words[0].lower() in _NOT_THINGS:
        return False
    named = any(word[:1].isupper() for word in words)
    definite = said[:4].lower() == "the "
    if who and " of " in thing:  # an office, of which the holder is asked
        return False
    if (definite and not named) or _is_doing(words, named=named):
        return False
    if re.search(r"\w(?:[’']s|s[’'])(?:\s|$)", thing):
        return False
    whole = words[0][:1].isupper() and words[-1][:1].isupper()
    joined = [word for word in words if word.islower() and word not in _IN_NAMES]
    return (whole and not joined) or not _BINDS.search(thing)


def _is_doing(words: Sequence[str], *, named: bool) -> bool:
    """Whether the last word is what somebody does, or what was done: "Anna proposing"."""
    last = words[-1]
    if last[:1].isupper():
        return False
    if len(words) == 1:
        return last.endswith("ed")
    return last.endswith("ing") and (named or words[-2].endswith("s"))


def _initials_give(long: str, letters: Sequence[str]) -> bool:
    """Whether the letters come in their order in a long form, the first at its beginning."""
    initials = [part[0].lower() for part in re.split(r"[\s’'-]+", long) if part]
    if initials[:1] != list(letters[:1]):
        return False
    rest = iter(initials)
    return all(letter in rest for letter in letters)


@lru_cache(maxsize=64)
def _name(thing: str, short: str = "") -> str:
    """A pattern for the thing, in singular and plural, however it is spaced and written."""
    found = _name_of(thing)
    return rf"(?:{found}|(?-i:(?<!\w){re.escape(short)}(?!\w)))" if short else found


def _name_of(thing: str) -> str:
    words = thing.split()
    last = words[-1]
    if len(words) == 1 and _ABBREVIATION.fullmatch(last):
        return rf"(?-i:(?<!\w){re.escape(last)}s?(?!\w))"
    if last.lower().endswith("ies") and len(last) > len("dies"):
        last = rf"{re.escape(last[:-3])}(?:y|ies)"
    elif last.lower().endswith("y") and len(last) > len("by"):
        last = rf"{re.escape(last[:-1])}(?:y|ies)"
    else:
        last = rf"{re.escape(re.sub(r's$', '', last))}(?:s|es)?"
    parts = [*map(re.escape, words[:-1]), last]
    # "Responsive web design" is responsive design; of names no word can be told from another's.
    more = r"(?:\w+\s)?" if thing.islower() else ""
    joined = rf"[\s‐–‘’“”\"'-]+{more}".join(part.replace(r"\-", r"[\s‐–-]?") for part in parts)
    return rf"(?i:(?<!\w){joined}(?!\w))"


def _aside(name: str) -> str:
    """The thing with the marks and brackets that may come with it."""
    return rf"[‘“\"']?{name}[’”\"']?(?:\s\([^()]{{1,60}}\))?"


_DONE = (
    r"(?:run|led|managed|chaired|founded|edited|owned|organi[sz]ed|written|built|designed|taught|left|"
    r"headed|hosted|directed|started|set up|looked after|held|made|invented|painted|drawn|given|"
    r"produced|published|introduced|presented|coordinated|staffed|governed|funded)"
)
_TITLED = rf"(?:{TITLE}\s)?"
_BETWEEN = r"(?:,? or [\w ’'-]{1,40})?(?:, [^,]{1,60},)?"
"""Another word for a thing, and what is put in between, before the verb."""


@lru_cache(maxsize=64)
def _begins(name: str) -> re.Pattern[str]:
    """Where a sentence begins with the thing, an adjective before it or not."""
    return re.compile(rf"(?:\w+\s)?(?={_aside(name)})")


@lru_cache(maxsize=64)
def _is_subject(name: str) -> re.Pattern[str]:
    """A thing and a verb: "safeguarding is …", not "safeguarding teams"."""
    return re.compile(
        rf"{_aside(name)}{_BETWEEN}(?:[,;:]| (?:can|could|will|would|may|might|must|should|have|"
        r"had|do|did|are|were|also|never|always|often|found|began|gave|took|made|led|ran|held|set|"
        r"brought|grew|became|came|won|built|wrote|said|told|met|kept|left|put|saw|"
        r"(?!(?:seem|appear|remain|need|face|continue|matter)s?\b)\w+(?:s|ed|ly))\b)",
        re.IGNORECASE,
    )


@lru_cache(maxsize=64)
def _is_explained(name: str) -> re.Pattern[str]:
    """A thing that is explained behind a comma, a colon or a dash, or that does what is done."""
    return re.compile(
        rf"\b{_DONE} (?:\w+ly )?by {_TITLED}{name}|"
        rf"(?<!\bof ){name}[^.;:?!]{{0,80}}(?::| [–—-]) |"
        rf"{name}, (?:which|who|whose|led|run|held|set up|built|made|\w+ed) ",
        re.IGNORECASE,
    )


@lru_cache(maxsize=64)
def _copula(name: str, *, of_a_name: bool) -> re.Pattern[str]:
    """A copula with a noun; of what bears no name only that which holds at all times."""
    past = "was|were" if of_a_name else "was(?= an? )"
    return re.compile(
        rf"{_aside(name)}{_BETWEEN} (?P<copula>(?:is|are|{past})"
        rf"(?: (?:now|often|both|also|in effect|in essence|perhaps|\w+ly))?) {_SORT}",
        re.IGNORECASE,
    )


@lru_cache(maxsize=64)
def _at_once(name: str) -> tuple[re.Pattern[str], ...]:
    """What follows a thing with which a sentence begins and says what it is or does."""
    return (
        re.compile(rf"{_aside(name)}{_BETWEEN} (?:\w+ly )?{_MEANS}", re.IGNORECASE),
        re.compile(rf"[‘“\"']?{name}[’”\"']?(?::| [–—-]) ", re.IGNORECASE),
    )


@lru_cache(maxsize=64)
def _led_in(name: str) -> re.Pattern[str]:
    """What is done in it: "in citizen science, the public takes part in …"."""
    return re.compile(
        rf"^\W*(?:in|with|under|through) (?:an? |the )?{_aside(name)}, ", re.IGNORECASE
    )


@lru_cache(maxsize=64)
def _anywhere(name: str) -> tuple[re.Pattern[str], ...]:
    """The ways of defining that may stand anywhere in a sentence."""
    noun = r"(?:[\w’'-]+ ){0,4}?[\w’'-]+"
    which = r"(?:or |that is,? |i\.e\.,? |which (?:is|are) |who (?:is|was) )?"
    return tuple(
        re.compile(pattern, re.IGNORECASE)
        for pattern in (
            rf"{name}[’”\"']? ?\({which}(?:an?|the|one) \w",
            rf"{name}[’”\"']?(?:,| [–—-]) {which}(?:an?|one of|one form) \w",
            rf"{name}, (?:the )?(?:[\w-]+ ){{0,3}}?{_ROLES}\b",
            rf"{name}, the (?:[\w’'-]+ ){{0,4}}[\w’'-]+[,.]",
            rf"\b{_ROLES}(?:,? {TITLE})? (?-i:(?=[A-Z])){name}",
            rf"\b(?:an?|one) {noun}, (?:the )?[‘“\"']?{name}[’”\"']?(?=[,.;:)]|$)",
            rf"\ban? {name} (?:is|means) (?:an?|one|any\w*|some\w*|the)\b",
            rf"\b(?:called|named|termed|known as|referred to as|so-called|the term) [‘“\"']?{name}",
            rf"\bor (?:simply |just )?[‘“\"']{name}[’”\"']",
            rf"\bby [‘“\"']?{name}[’”\"']?,? (?:\w+ ){{1,2}}(?:mean|understand)s?\b",
            rf"\b(?:definition|meaning) of [‘“\"']?{name}",
        )
    )
