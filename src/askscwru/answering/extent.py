"""How far a quote reaches: the sentence that answers, and what it cannot be understood without.

A sentence that says "they" is quoted with the one that says who; one that leads into a list, or
announces "three reasons", with the list or the reasons, and one that the next one limits ("This
does not apply to …") with that one: whoever reads it trusts that it is whole.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from askscwru.answering.accounting import FRAME, terms
from askscwru.answering.fitness import OF_THE_LIST
from askscwru.days import MONTH
from askscwru.types import BlockKind, Passage, Span

_LIST_WORDS = 260
"""A sentence that leads into a list is quoted with the list up to this length, and a point that
says nothing alone with both; a longer list is cut."""
_MARKER = re.compile(
    r"^ *(?P<sign>[-*+•▪◦‣·–]|\(?(?:\d{1,3}|[a-z]|[ivxl]{1,6})[.)]) \Z",
    re.IGNORECASE | re.MULTILINE,
)
_LONGEST_MARKER = 24
_POINT_WORDS = 70
"""A sentence of a list's point is quoted with the rest of the point up to this length."""
_LIMIT_WORDS = 110
"""The most words of a quote that goes on to what limits it."""
_POINTS_WORDS = 170
"""The most words of a quote that goes through all points that are counted off."""
_LEADS = 2
"""How many sentences before it a quote may begin with, so that it makes sense alone."""
_LEAD_WORDS = 90
"""The most words of a quote that begins so."""
_ASIDES = 2
"""How many sentences may stand between two points."""
_POINTS_BACK = re.compile(
    r"[\W_]*(?:this|these|those|they|he|she|his|her|their|its|both|neither|such|"
    r"(?:first|second|third|fourth|final|last)(?:ly)?,|"
    r"it(?! (?:is|was|will be|would be|may be|can be|seems|appears|remains) (?:[\w-]+ ){0,3}?"
    r"(?:that|to|how|why|whether|when)\b))(?!\w)",
    re.IGNORECASE,
)
"""How a sentence begins that says something of what was named before it. "It is clear that …" does
not: its "it" stands for what follows."""
_SOME_OF_THEM = re.compile(
    r"[\W_]*(?:(?:only|just|nearly|almost|about|some|over|under|fewer than|more than|at least) )?"
    r"(?:[\d,.]+(?: (?:per cent|percent))?%?|half|most|some|none|few|many|all|both|neither|each|"
    r"another|a (?:few|quarter|third)|two thirds|one|two|three|four|five|six|seven|eight|nine|ten|"
    r"eleven|twelve|(?:twen|thir|for|fif|six|seven|eigh|nine)ty(?:-\w+)?)"
    r"(?: of (?:them|these|those(?! (?:who|whom|that|with|in)\b))\b|"
    r" (?:had|has|have|did|do|does|were|was|are|is|said|say|could|can|would|will|got|went|came|"
    r"took|gave|felt|thought|wanted|lived|live|worked|work|never|also)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that speaks of some of those who were named before: "Only 61 had any"."""
_FIRST_POINT = re.compile(
    r"[\W_]*(?:first(?:ly)?|the first|to begin with|on the one hand|one (?:is|was))\b",
    re.IGNORECASE,
)
_NEXT_POINT = re.compile(
    r"[\W_]*(?:(?:and |the )?(?:second|third|fourth|fifth|sixth|seventh|final|last)(?:ly)?|"
    r"the other|another (?:is|was|\w+ (?:is|was))|on the other hand)\b",
    re.IGNORECASE,
)
_ONE_POINT = re.compile(
    r"\b(?:first|second|third|fourth|fifth|sixth|seventh|final|last)(?:ly)?\b", re.IGNORECASE
)
_OPEN_LEAD = re.compile(
    r"\b(?:not|never|no|nobody|nothing|only|unless|except|without|cannot|\w+n['’]t)\b|"
    r"\b(?:to|for|of|by|with|from|in|on|at|as|if|be|is|are|was|were|being|includ(?:e|es|ed|ing)|"
    r"must|may|can|could|should|shall|will|would|might|when|where|who|that|which|or|and|than|you|"
    r"we|they|he|she|it|people|either|such as|because)\s*:\W*\Z",
    re.IGNORECASE,
)
"""What leads into a list and is gone on with by each point, or denies them all."""
_CLOSED_LEAD = re.compile(
    r"\b(?:two|three|four|five|six|seven|eight|nine|ten|several|some|many|these|following|below|"
    r"follows|here|\d+)\b",
    re.IGNORECASE,
)
"""What announces a list whose points stand by themselves."""
_SHORT_LIST_WORDS = 80
"""Where it is not known whether they do, a list up to this length is quoted whole."""
_ENDED = re.compile(r"[.!?…][\s)\]”’\"']*\Z")
_LIMITS = re.compile(
    r"[\W_]*(?:(?:but|however|though|although|yet|and),? )?(?:"
    r"(?:this|that|it|these|those|they|none of (?:this|these)|(?:the|this|that) [\w-]+) "
    r"(?:(?:does|do|did|is|are|was|were|will|may|must|can|could|would|should)"
    r"(?: ?(?:not|n['’]t)| only| never| no longer)|"
    r"(?:doesn|don|didn|isn|aren|wasn|weren|won|can|couldn|wouldn)['’]t|only|no longer|never)"
    r"(?: \w+)? (?:appl(?:y|ies)|includ\w*|cover\w*|count\w*|hold|extend\w*|affect\w*|mean|"
    r"concern\w*|available|open|valid|true|allowed|possible|intended|meant|for|if|to those)\b|"
    r"(?:this|that|it|these|those|they) (?:exclude|except|leave out)s?\b|"
    r"(?:the truth is|[\w ]{3,40}\b(?:is|are) except(?:ed|ion)|excep(?:t|ting)|exceptions?|"
    r"excluded|exempt|exclud(?:es|ing)|apart from|unless|"
    r"not (?:on|for|in|at|if|when|where|all|every\w*|those|to)|"
    r"only (?:if|on|for|in|when|where|those)|"
    r"there (?:is|are|was|were) no (?:[\w-]+ ){1,4}(?:for|on|at|in) (?:this|that|these|it|them)|"
    r"in (?:practice|reality|fact|truth)|the (?:(?:one|only|main|sole) )?exceptions?|"
    r"(?:this|that|it|these|those|they)(?: [\w’']+){1,3},? however)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that takes back a part of what the one before it says."""
_RULES = re.compile(
    r"\b(?:may|can|must|should|shall|have to|has to|need to|needs to|allowed|permitted|free|open|"
    r"required|entitled|eligible|possible|never|always|all|every\w*|any\w*|no)\b",
    re.IGNORECASE,
)
"""What a sentence has that says what is so, or may be done, as a rule."""
_RESTRICTS = re.compile(
    r"[\W_]*(?:(?:but|however|though),? )?(?:(?:if|when|where|anyone|anybody|those|people) |"
    r"[^.!?]{0,90}\b(?:except|unless|only (?:if|by|for|when|where|with|those|in|to)|other than|"
    r"(?:not|n['’]t) (?:be )?(?:allowed|permitted|possible|included|covered)|"
    r"(?:may|must|can|should|need)(?: ?not|n['’]t))\b)",
    re.IGNORECASE,
)
"""How a sentence begins, or what stands in it, that makes an exception from a rule."""
_RESTRICTS_WORDS = 26
_WENT = re.compile(
    r"[^.!?]{0,40}\b(?:it|this|that|they)(?:['’]s| has| have| was| were| is| are)?"
    r"(?: since| now| later| recently| just)* (?:gone (?:up|down)|went (?:up|down)|rose|risen|fell|"
    r"fallen|been (?:raised|cut|increased|reduced|lowered|changed|doubled)|raised|increased|cut|"
    r"dropped|changed|doubled) (?:to|by|from)\b[^.!?]*\d",
    re.IGNORECASE,
)
"""How a sentence begins that says that a figure is another now."""
_FIELD = re.compile(r"[\W_]*[A-Z][\w’' -]{1,24}: \S[^:]{0,70}\Z")
"""A sentence that is no more than a label and what stands behind it: "Leader: Ann Low."."""
_FIELD_WORDS = 9
_BREAKS = re.compile(r"[.:;!?]")
_ADDS = re.compile(
    r"[\W_]*(?:(?:and|but|plus),? )?(?:(?:you|we|they|it|there|this)\b[^.!?]{0,24}\b"
    r"(?:also|as well|on top|in addition|extra|further)\b|on top of (?:this|that)|in addition|"
    r"plus\b|extra\b)"
    r"[^.!?]*(?:[£$€]|\d)",
    re.IGNORECASE,
)
"""How a sentence begins that adds an amount to another."""
_CAUTIONS = re.compile(
    r"[\W_]*(?:(?:but|however),? )?(?:she|he|they|we|i|the (?:authors?|researchers?|team))\b"
    r"(?: also| too)? (?:warn|caution|stress|admit|conced)\w*\b",
    re.IGNORECASE,
)
"""How a sentence begins in which somebody limits what was found."""
_USUALLY = re.compile(
    r"\b(?:as a rule|usually|normally|generally|in general|mostly|no longer|on the whole)\b",
    re.IGNORECASE,
)
_THEY_IF = re.compile(
    r"[\W_]*(?:(?:but|however|though),? )?(?:they|we|it|you|he|she)\b[^.!?]*\b(?:if|when|unless|"
    r"except|only)\b",
    re.IGNORECASE,
)
_CLOSING_WORDS = 60
"""The most words by which a quote goes on to the end of what somebody says in it."""
_REPORTED = re.compile(
    r"[\W_]*(?:(?:some|many|most|several|other|a few|critics|opponents|sceptics|supporters|people|"
    r"others|everyone|everybody)(?: [\w’'-]+){0,3}? (?:say|said|claim|claimed|argue|argued|believe|"
    r"believed|think|thought|fear|feared|assume|assumed|suggest|suggested|hold|held|insist|insisted)|"
    r"(?:it|there) (?:is|was|has been) (?:[\w-]+ )?(?:a (?:common |popular |widespread )?(?:belief|"
    r"view|myth|claim|fear|assumption|idea)|said|claimed|argued|believed|thought|assumed|feared|"
    r"suggested)|[^.!?]{0,60}\brepeats? the (?:claim|myth|belief|view)|"
    r"(?:the|a) (?:common|popular|usual|widespread) (?:view|belief|claim|fear|idea|"
    r"assumption))\b",
    re.IGNORECASE,
)
"""How a sentence begins that tells what others hold, and not what its writer does."""
_REJECTS = re.compile(
    r"[\W_]*(?:the truth is|but|however|yet|in (?:fact|reality|truth|practice)|actually|"
    r"on the contrary|not so|nothing|no |none|neither|far from|wrong|"
    r"(?:this|that|it|they|these|those) (?:is|was|are|were) (?:not|wrong|untrue|false|mistaken|"
    r"a myth|an? (?:error|mistake)|nonsense|rubbish)|"
    r"(?:we|i|our|my|the)\b[^.!?]{0,60}?\b(?:no|not|never|nothing|neither|nor|contrary|disagree\w*|"
    r"opposite|myth|untrue|wrong|\w+n['’]t)\b|there (?:is|was|are|were) (?:no|little|nothing)\b)",
    re.IGNORECASE,
)
_PLANNED = re.compile(
    r"\b(?:plan(?:s|ned)?|want(?:s|ed)?|hop(?:e|es|ed)|propos(?:e|es|ed|al)|intend(?:s|ed)?|"
    r"expect(?:s|ed)?|promised?|applied|appl(?:y|ies) for|asked for|bid|was to|were to|due|"
    r"scheduled|tried|would)\b",
    re.IGNORECASE,
)
"""What a sentence has that says what was to be, and not what was."""
_CAME_TO_NOTHING = re.compile(
    r"[^.!?;]{0,70}\b(?:(?:put|pushed|set|moved) back|postponed|delayed|cancell?ed|called off|"
    r"abandoned|rejected|refused|(?:turned|voted) (?:\w+ )?down|turned (?:it|them|this) away|"
    r"dropped|withdr(?:ew|awn)|shelved|scrapped|overturned|fell through|came to nothing|failed|"
    r"never (?:\w+ )?(?:happened|came|opened|built|started|arrived)|"
    r"(?:did|was|were|has|have)(?: not|n[’']t) (?:\w+ )?(?:happen|go ahead|built|opened|happened|"
    r"come|granted|agreed|approved))\b",
    re.IGNORECASE,
)
"""How a sentence begins that says that it was not to be."""
_WAS = re.compile(r"\b(?:was|were|had|did|used to|once|at first|originally)\b", re.IGNORECASE)
_IS_NOW = re.compile(
    r"[\W_]*(?:(?:but|however|yet),? )?(?:now(?! that)|today|nowadays|these days|since then|"
    r"since (?:19|20)\d\d|currently)\b",
    re.IGNORECASE,
)
"""How a sentence begins that says how it is now, after what it was."""
_NOW_WORDS = 18
_NUMBERS = re.compile(
    r"\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve|half|once|twice)\b",
    re.IGNORECASE,
)
_IN_A_YEAR = re.compile(
    rf"[\W_]*(?:in|by|since|from)(?: (?:early|late|mid))?(?: [\W_]*{MONTH})? "
    r"[\W_]*(?P<year>(?:19|20)\d\d)[\W_]*,? ?(?:it|this|that|they|these|the|we|there|\d)",
    re.IGNORECASE,
)
"""How a sentence begins that says how something was in a year."""
_YEAR = re.compile(r"(?<![\d.,])(?:19|20)\d\d\b(?![.,]\d)")
_PUT_OFF = re.compile(
    r"[\W_]*(?:(?:this|it|that|the (?:\w+ )?(?:date|deadline|time|offer|scheme|list)) "
    r"(?:has|have|is|was|were)(?: now| since)?(?: been)? |(?:now|since) |has (?:now |since )?been )"
    r"(?:extended|moved|changed|put (?:back|off)|postponed|brought forward|full|sold out|closed|"
    r"cancelled|withdrawn|lengthened|shortened)\b",
    re.IGNORECASE,
)
"""How a sentence begins that says that it is not so any more."""
_TAKEN = re.compile(
    r"[\W_]*(?:(?:they|these|both|it|that|this)(?: are| is|[’']re|[’']s)? )?(?:all |both )?"
    r"(?:now |already )?(?:taken|full|fully booked|booked(?: up)?|gone|sold|let|reserved|closed)"
    r"(?:\W*\Z|(?=\s*[.;,!–—])|(?= (?:at present|until|for now|today)\b))",
    re.IGNORECASE,
)
"""How a sentence begins that says that a thing is no more to be had."""
_BY_STEPS = re.compile(
    r"[\W_]*(?:half|nothing|none|no (?:refund|charge|money)|free|double|[£$€]\d[\d.,]*|"
    r"\d+(?:%| per ?cent))\b[^.!?]{0,60}[.!]?\Z",
    re.IGNORECASE,
)
"""A sentence that goes on with what a scale gives next: "Half after that."."""
_BY_STEPS_WORDS = 9
_TO_DO_IT = re.compile(
    r"[\W_]*to [a-z]+ (?:it|this|that|them|one|any)\b[^.!?]*"
    r"\b(?:need|must|have to|cannot|can[’']t|ask)\b",
    re.IGNORECASE,
)
"""How a sentence begins that says what is needed for more than what may be done."""
_FROM_THEN = re.compile(
    r"[\W_]*(?:from|on|after|until) [^.!?]{3,24}?\b(?:it|we|they|this|there)\b"
    r"(?: (?:will|is|are|does|do))?(?: (?:be|open|run|meet))? (?:also|only|instead|not)\b",
    re.IGNORECASE,
)
"""How a sentence begins that says that it is otherwise on some days."""
_SOME_GET = re.compile(
    r"[\W_]*(?:(?:but|and) )?(?:those|people|families|carers|members|children|households|adults|"
    r"couples|pensioners|students|residents|anyone|anybody|someone) "
    r"(?:with|who|under|over|aged|in|of|on|living)\b[^.!?]*\b(?:may|can|get|pay|have)\b[^.!?]*"
    r"(?:\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|half|free|nothing|twice)\b)",
    re.IGNORECASE,
)
"""How a sentence begins that says that some have another number."""
_HEDGES = re.compile(
    r"[\W_]*(?:that|this|it) (?:is|was) (?:only |just )?(?:a|an|our|my) "
    r"(?:suggestion|guess|estimate|opinion|impression|hypothesis)\b",
    re.IGNORECASE,
)
_LEAVES = re.compile(
    r"\b(?:retir(?:es?|ed|ing)|resign(?:s|ed|ing)?|(?:step(?:s|ped|ping)?|stand(?:s|ing)?|stood) "
    r"(?:down|aside|back)|leav(?:es?|ing)|left|mov(?:es?|ed|ing) on|hand(?:s|ed|ing) over)\b",
    re.IGNORECASE,
)
_FOLLOWS = re.compile(
    r"\b(?:tak(?:es?|ing|en) over|took over|succeed(?:s|ed)?|replac(?:es?|ed)|"
    r"step(?:s|ped) (?:in|up)|tak(?:es?|ing) (?:his|her|their) place)\b",
    re.IGNORECASE,
)
_SHARE_OF = re.compile(r"\d\s?(?:%|per ?cent\b)", re.IGNORECASE)
_OF_WHOM = re.compile(
    r"[\W_]*(?:(?:we|i|they|researchers|the (?:survey|study|researchers|team))\b[^.!?]{0,30}?\b"
    r"(?:asked|surveyed|interviewed|questioned|looked at|studied|sampled)|of (?:the|those|all)|"
    r"among|(?:all|only) those (?:who|that))\b",
    re.IGNORECASE,
)
"""How a sentence begins that says of whom the shares are that come after it."""
_AMOUNT = re.compile(
    r"[\W_]*(?:(?:about|around|over|under|up to|at least|only|just) )?"
    r"(?:[£$€]\s?\d[\d.,]*(?: [\w-]+){0,3}|"
    r"(?:\d[\d.,]*|an?|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|"
    r"(?:twen|thir|for|fif)ty)(?: [\w-]+)? ?(?:second|minute|hour|day|night|week|month|year|pound|"
    r"mile|metre|meter|time|place|seat|%|per ?cent)s?)[.!]?\Z",
    re.IGNORECASE,
)
"""A sentence that is nothing but an amount: "Ten weeks."."""
_ATTRIBUTION = re.compile(r"\s*[—–-]\s?(?:\w+ ){0,2}[A-Z][^.!?]{0,80}\Z")
"""The name under a quotation: "— Ruth Bell, assembly worker"."""
_ASKS_SEVERAL = re.compile(
    r"\W*(?:(?:and|so|but|then),? )?(?:(?:what|which|who)(?: \w+){0,3}? "
    r"(?:are|were|can|may|must|should)|"
    r"what (?:do|does|did) \w+ (?:need|offer|include|recommend|cover|provide|bring)|list|name)\b",
    re.IGNORECASE,
)
"""How a question begins that asks for all points of a list."""
_ASKS_HOW = re.compile(
    r"\W*(?:(?:and|so|but|then|please|exactly),? )?(?:how (?:to\b|(?:do|does|can|could|should|"
    r"would|might|must|will|am|are) (?P<who>i|you|we|they|one|someone|somebody|people|[a-z]+s)?\b)|"
    r"what (?:do|must|should|can) (?:i|you|we|they|one|people|[a-z]+s) (?:have to |need to )?do\b|"
    r"(?:what|which) (?:is|are|were) the (?:\w+ )?(?:steps?|process|procedure|stages|way)\b)",
    re.IGNORECASE,
)
"""How a question begins that asks for the way in which something is done."""
_WAY = re.compile(
    r"\b(?:how (?:to|do|does|you|we|it works)|steps?\b|what (?:to|you) (?:do|need)|as follows|"
    r"in this order)\b",
    re.IGNORECASE,
)
"""What stands over a list that tells it."""
_SEVERAL_WORDS = 120
"""A list that nothing leads into is quoted whole up to this length, where all points are asked."""
_SHORT_REPLY = re.compile(
    r"[\W_]*(?:yes|no|not|only|never|always|usually|sometimes|rarely|often|mostly|because|if|unless|"
    r"by|about|around|after|before|until|up to|at (?:least|most)|it depends|neither|both|none)\b",
    re.IGNORECASE,
)
"""How a sentence begins that says nothing without the question that it answers."""


def extent(question: str, passage: Passage, at: int) -> Span:
    """Where the quote of a sentence begins and ends, in the offsets of the source.

    Args:
        question: what was searched for; one that asks for "the second reason" needs no other.
        passage: in which the sentence stands.
        at: its position among the passage's sentences.
    """
    if passage.sentences[at].kind is BlockKind.LIST:
        first, last = _point(passage, at, question)
    else:
        first, last = _lead(passage, at), _listed(passage, at)
        if last == at and not _ONE_POINT.search(question):
            last = _points(passage, first, at)
        first = _said_from(passage, first, last)
    if not _YEAR.search(question):
        last = _to_the_latest(passage, first, last)
    last = _down_the_scale(passage, first, _beyond_its_name(question, passage, last))
    last = _limited(passage, first, _said_out(passage, first, last))
    return _with_marker(passage, first, last)


def point(passage: Passage, at: int) -> Span:
    """The point of a list in which a sentence stands, with its number if it has one."""
    first, last = _whole_point(passage, at)
    start = passage.sentences[first].start
    if any(c.isalnum() for c in marker(passage, first)):
        start = _marker_at(passage, start)
    last = _with_points_below(passage, first, last)
    return Span(start, passage.sentences[last].end)


def _with_points_below(passage: Passage, first: int, last: int) -> int:
    """The last sentence of the points that stand in a point, or of the point itself."""
    own = depth(passage, first)
    end = last
    while end + 1 < len(passage.sentences) and passage.sentences[end + 1].kind is BlockKind.LIST:
        if not _same_point(passage, end) and depth(passage, end + 1) <= own:
            break
        end += 1
    return end if _words(passage, first, end) <= _POINTS_WORDS else last


def points(passage: Passage, at: int) -> list[int]:
    """The first sentence of each point of the list that a sentence stands in or leads into."""
    sentences = passage.sentences
    begins = list_start(passage, at) if sentences[at].kind is BlockKind.LIST else at + 1
    found: list[int] = []
    for number in range(begins, len(sentences)):
        if sentences[number].kind is not BlockKind.LIST:
            break
        if not found or not _same_point(passage, number - 1):
            found.append(number)
    return found


def in_list(passage: Passage, at: int) -> tuple[str, str]:
    """What leads into the list in which a sentence stands, and its point as far as the sentence.

    A sentence that stands in no list is given as it is, behind nothing.
    """
    if passage.sentences[at].kind is not BlockKind.LIST:
        return "", _text(passage, at)
    first, _ = _whole_point(passage, at)
    begins = list_start(passage, at)
    lead = _text(passage, begins - 1) if begins else ""
    own = passage.slice(passage.sentences[first].start, passage.sentences[at].end)
    return lead if lead.endswith(":") else "", own


def reaches_edge(passage: Passage, at: int, quote: Span) -> bool:
    """Whether more of the post might belong to a quote, before or after the passage."""
    text = passage.slice(quote.start, quote.end)
    listed = passage.sentences[at].kind is BlockKind.LIST
    begun = any(s.kind is not BlockKind.LIST for s in passage.sentences[:at])
    lacks = _points_back(text) or _SHORT_REPLY.match(text) is not None
    before = (lacks and quote.start == passage.sentences[0].start) or (listed and not begun)
    left = len(passage.sentences) - at
    return before or left <= 1 + _ASIDES or quote.end == passage.sentences[-1].end


def widened(passage: Passage, others: Sequence[Passage]) -> Passage:
    """A passage with what the passages before and after it, which overlap it, say beyond it."""
    for other in others:
        apart = other.start > passage.end or other.end < passage.start
        if not apart and other.source == passage.source and other.kind is passage.kind:
            passage = _joined(*sorted((passage, other), key=lambda one: (one.start, -one.end)))
    return passage


def _joined(one: Passage, two: Passage) -> Passage:
    """Two passages, of which the second begins no earlier and overlaps the first, as one."""
    if two.end <= one.end:
        return one
    beyond = tuple(s for s in two.sentences if s.start >= one.end)
    text = one.text + two.text[one.end - two.start :]
    return replace(one, end=two.end, text=text, sentences=(*one.sentences, *beyond))


def whole_list(passage: Passage, one: Span, two: Span) -> Span | None:
    """The list in which two quotes are points; None where they are not of one, or it is long.

    Who is shown two of three points takes them for all there are.
    """
    begun = (one.start, two.start)
    found = [
        at
        for at, s in enumerate(passage.sentences)
        if s.start in begun or _marker_at(passage, s.start) in begun
    ]
    if len(found) < 2 or any(passage.sentences[at].kind is not BlockKind.LIST for at in found):
        return None
    begins, ends = list_start(passage, found[0]), list_end(passage, found[0])
    if not begins <= found[1] <= ends or _words(passage, begins, ends) > _LIST_WORDS:
        return None
    return _with_marker(passage, begins, ends)


def _with_marker(passage: Passage, first: int, last: int) -> Span:
    """From one sentence to another; from the bullet on where several points are quoted."""
    start, end = passage.sentences[first].start, passage.sentences[last].end
    listed = passage.sentences[first].kind is BlockKind.LIST
    several = any(not _same_point(passage, at) for at in range(first, last))
    return Span(_marker_at(passage, start) if listed and several else start, end)


def marker(passage: Passage, at: int) -> str:
    """The bullet or the number before a sentence, with the space after it; empty without one."""
    start = passage.sentences[at].start
    return passage.slice(_marker_at(passage, start), start)


def _marker_at(passage: Passage, start: int) -> int:
    """Where the bullet or the number before a point begins; the point's own start without one."""
    before = passage.slice(max(passage.start, start - _LONGEST_MARKER), start)
    found = _MARKER.search(before)
    return start - len(before) + found.start("sign") if found else start


def list_end(passage: Passage, at: int) -> int:
    """The last sentence of the list in which a sentence stands."""
    while at + 1 < len(passage.sentences) and passage.sentences[at + 1].kind is BlockKind.LIST:
        at += 1
    return at


def _point(passage: Passage, at: int, question: str) -> tuple[int, int]:
    """The first and the last sentence of the quote of a list's point.

    The whole point, since its first sentence may say of what the others speak; and the whole list
    with what leads into it, where the point goes on with that or only names something: "bed rails"
    stands under "You may not buy:".
    """
    sentences = passage.sentences
    first, last = _whole_point(passage, at)
    begins, ends = list_start(passage, at), list_end(passage, at)
    lead = _text(passage, begins - 1) if begins else ""
    whole = passage.slice(sentences[first].start, sentences[last].end)
    if lead.endswith("?") and _words(passage, begins - 1, ends) <= _SEVERAL_WORDS:
        return begins - 1, ends  # "What advice would you give?" is answered by all of them
    asks = _ASKS_HOW.match(question)
    personal = asks is not None and (asks["who"] or not asks.group().lower().startswith("how "))
    if asks and _is_way(passage, begins, ends, lead, personal=bool(personal)):
        return begins - (lead.endswith(":")), ends
    if lead.endswith(":"):
        most = 0 if _CLOSED_LEAD.search(lead) else _SHORT_LIST_WORDS
        if _OPEN_LEAD.search(lead) or whole[:1].islower() or not _ENDED.search(whole):
            most = _LIST_WORDS
        if _words(passage, begins - 1, ends) <= most:
            return begins - 1, ends
    elif _ASKS_SEVERAL.match(question) and _words(passage, begins, ends) <= _SEVERAL_WORDS:
        return begins, ends
    if _words(passage, first, last) <= _POINT_WORDS:
        return first, last
    return _lead(passage, at), at


def _is_way(passage: Passage, begins: int, ends: int, lead: str, *, personal: bool) -> bool:
    """Whether a list tells the way to do something: its lead says so, or its points are counted.

    Counted points are one where it is asked what somebody does.
    """
    if _words(passage, begins, ends) > _LIST_WORDS:
        return False
    counted = personal and any(c.isalnum() for c in marker(passage, begins))
    return counted or _WAY.search(f"{passage.context} {lead}") is not None


def depth(passage: Passage, at: int) -> int:
    """How far the point of a list that a sentence begins is indented."""
    start = _marker_at(passage, passage.sentences[at].start)
    before = passage.slice(max(passage.start, start - _LONGEST_MARKER), start)
    return len(before) - len(before.rstrip(" "))


def list_start(passage: Passage, at: int) -> int:
    """The first sentence of the list in which a sentence stands."""
    while at > 0 and passage.sentences[at - 1].kind is BlockKind.LIST:
        at -= 1
    return at


def _whole_point(passage: Passage, at: int) -> tuple[int, int]:
    """The first and the last sentence of the point in which a sentence stands."""
    first = last = at
    while first > 0 and _same_point(passage, first - 1):
        first -= 1
    while last + 1 < len(passage.sentences) and _same_point(passage, last):
        last += 1
    return first, last


def _same_point(passage: Passage, at: int) -> bool:
    """Whether a sentence and the next one stand in the same point of a list."""
    one, two = passage.sentences[at], passage.sentences[at + 1]
    between = passage.slice(one.end, two.start)
    return one.kind is two.kind is BlockKind.LIST and not between.strip()


_NAME_WORDS = 4


def _beyond_its_name(question: str, passage: Passage, last: int) -> int:
    """The last sentence of the quote: the next one, where that one hardly more than names a thing.

    "Fuel vouchers." opens a paragraph that goes on with what they are worth.
    """
    text = _text(passage, last)
    named = frozenset(terms(text))
    asked = named & frozenset(terms(question))
    opens = _paragraph_first(passage, last) == last and not any(c.isdigit() for c in text)
    alone = len(text.split()) <= _NAME_WORDS and opens and 0 < len(named) <= 2 * len(asked)
    if not alone or last + 1 == len(passage.sentences):
        return last
    between = passage.slice(passage.sentences[last].end, passage.sentences[last + 1].start)
    return last if "\n" in between else last + 1


def _down_the_scale(passage: Passage, first: int, last: int) -> int:
    """The last sentence of the quote, or of the scale that it begins: full, half, nothing."""
    end = last
    while end + 1 < len(passage.sentences):
        between = passage.slice(passage.sentences[end].end, passage.sentences[end + 1].start)
        after = _text(passage, end + 1)
        if "\n" in between or len(after.split()) > _BY_STEPS_WORDS or not _BY_STEPS.match(after):
            break
        end += 1
    return end if _words(passage, first, end) <= _LIMIT_WORDS else last


def _to_the_latest(passage: Passage, first: int, last: int) -> int:
    """The last sentence of the quote, or the one that says how it was in the latest year.

    "In 2016 it was a fifth. By 2021 it was a tenth.", and the same point by point.
    """
    sentences, end = passage.sentences, last
    while end + 1 < len(sentences) and sentences[end + 1].kind is sentences[first].kind:
        between = passage.slice(sentences[end].end, sentences[end + 1].start)
        listed = sentences[first].kind is BlockKind.LIST
        if "\n" in between and not listed:
            break
        if not _follows_in_time(_text(passage, end), _text(passage, end + 1)):
            break
        end += 1
    return end if _words(passage, first, end) <= _LIMIT_WORDS else last


def _limited(passage: Passage, first: int, last: int) -> int:
    """The last sentence of the quote: the one after it, where that limits what it says."""
    if last + 1 == len(passage.sentences):
        return last
    now, after = passage.sentences[last], passage.sentences[last + 1]
    if (
        after.kind is now.kind
        and "\n" not in passage.slice(now.end, after.start)
        and _takes_back(_text(passage, last), _text(passage, last + 1))
        and _words(passage, first, last + 1) <= _LIMIT_WORDS
    ):
        return last + 1
    return last


def _takes_back(text: str, after: str) -> bool:
    """Whether a sentence takes back a part of the one before it, or what that reports of others."""
    if _LIMITS.match(after):
        return True
    if _PLANNED.search(text) and _CAME_TO_NOTHING.match(after):
        return True
    if _IS_NOW.match(after) and _WAS.search(text) and len(after.split()) <= _NOW_WORDS:
        return True
    if _REPORTED.match(text) is not None and _REJECTS.match(after) is not None:
        return True
    more = _RULES.search(text) is not None and _TO_DO_IT.match(after) is not None
    if more or _TAKEN.match(after) or _HEDGES.match(after):
        return len(after.split()) <= _RESTRICTS_WORDS
    told = any(c.isdigit() for c in text) or _NUMBERS.search(text) is not None
    if told and (_FROM_THEN.match(after) or _SOME_GET.match(after)):
        return len(after.split()) <= _RESTRICTS_WORDS
    if _PUT_OFF.match(after) or (_LEAVES.search(text) and _FOLLOWS.search(after)):
        return len(after.split()) <= _RESTRICTS_WORDS
    if _says_nothing_alone(text):
        return True
    if any(c.isdigit() for c in text) and (_WENT.match(after) or _ADDS.match(after)):
        return True
    if _CAUTIONS.match(after) and len(after.split()) <= _LIMIT_WORDS // 3:
        return True
    if _USUALLY.search(text) and _THEY_IF.match(after):
        return len(after.split()) <= _RESTRICTS_WORDS
    return (
        _RULES.search(text) is not None
        and len(after.split()) <= _RESTRICTS_WORDS
        and _RESTRICTS.match(after) is not None
        and not _terms(text).isdisjoint(_terms(after))
    )


def _says_nothing_alone(text: str) -> bool:
    """Whether a sentence is a single word: "Free." may go on with what it is free for."""
    return len(text.split()) == 1 and not any(c.isdigit() for c in text)


def _follows_in_time(text: str, after: str) -> bool:
    """Whether a sentence says how something was in a later year than the one before it."""
    later = _IN_A_YEAR.match(after)
    years = _YEAR.findall(text)
    return later is not None and bool(years) and later["year"] > max(years)


def _terms(text: str) -> frozenset[str]:
    return frozenset(terms(text)) - FRAME


def _said_out(passage: Passage, first: int, last: int) -> int:
    """The last sentence of the quote, or the one in which what somebody says in it ends."""
    sentences = passage.sentences
    start = sentences[first].start
    if not _is_open(passage.slice(start, sentences[last].end)):
        return last
    for end in range(last + 1, len(sentences)):
        between = passage.slice(sentences[end - 1].end, sentences[end].start)
        words = len(passage.slice(sentences[last].end, sentences[end].end).split())
        if "\n" in between or words > _CLOSING_WORDS:
            break
        if not _is_open(passage.slice(start, sentences[end].end)):
            return end
    return last


def _said_from(passage: Passage, first: int, last: int) -> int:
    """The first sentence of the quote, or the one in which somebody begins to say what it ends."""
    begins = _paragraph_first(passage, first)
    above = passage.slice(passage.sentences[begins].start, passage.sentences[first].start)
    if not _is_open(above):
        return first
    opens = max(above.rfind("“"), above.rfind('"')) + passage.sentences[begins].start
    for at in range(begins, first):
        if passage.sentences[at].end > opens:
            return at if _words(passage, at, last) <= _CLOSING_WORDS else first
    return first


def _is_open(text: str) -> bool:
    """Whether a text begins what somebody says and does not end it."""
    return text.count("“") > text.count("”") or text.count('"') % 2 == 1


def _text(passage: Passage, at: int) -> str:
    sentence = passage.sentences[at]
    return passage.slice(sentence.start, sentence.end)


def _words(passage: Passage, first: int, last: int) -> int:
    whole = passage.slice(passage.sentences[first].start, passage.sentences[last].end)
    return len(whole.split())


def _lead(passage: Passage, at: int) -> int:
    """The first sentence of the quote: before that one, where that one says "they" of somebody.

    Only sentences of the same paragraph are taken in, and only as far as they are needed.
    """
    if at and _SHORT_REPLY.match(_text(passage, at)) and _is_asked(passage, at - 1):
        return at - 1
    if at and (_ATTRIBUTION.match(_text(passage, at)) or _is_field(passage, at)):
        return _paragraph_start(passage, at)
    if at and _paragraph_first(passage, at) < at and _labelled_run(passage, at) is not None:
        return _paragraph_start(passage, at)
    first = at
    for _ in range(_LEADS):
        now, before = passage.sentences[first], passage.sentences[first - 1] if first else None
        if before is None or before.kind is not now.kind:
            break
        if not _needs(_text(passage, first), _text(passage, first - 1)):
            break
        between = passage.slice(before.end, now.start)
        if "\n" in between or _words(passage, first - 1, at) > _LEAD_WORDS:
            break
        first -= 1
    return first


def _is_field(passage: Passage, at: int) -> bool:
    """Whether a sentence only says one thing of what its paragraph is of: "Leader: Ann Low."."""
    if not at or passage.sentences[at].kind is BlockKind.LIST:
        return False
    between = passage.slice(passage.sentences[at - 1].end, passage.sentences[at].start)
    text = _text(passage, at)
    short = len(text.split()) <= _FIELD_WORDS
    return short and "\n" not in between and _FIELD.match(text) is not None


_ONE_OF_SEVERAL = re.compile(
    r"[\W_]*(?P<of>[^;:.!?\n]{1,60}): (?P<told>[^;:\s]+(?: [^;:\s]+){0,7})"
)


_LABELLED = re.compile(r"[\W_]*(?P<of>[^;:.!?\n]{1,60}): \S")
_LABEL_WORDS = 6
_CELLS = re.compile(r"; [^;:]{1,60}: ")
"""What the row of a table has."""


def _of_its_label(passage: Passage, first: int, begins: int, text: str) -> str:
    """A text behind what the point or paragraph is of that a sentence begins.

    Args:
        passage: in which it stands.
        first: the first sentence of the point.
        begins: the first sentence of the list.
        text: of the point.
    """
    labelled = _LABELLED.match(_text(passage, first))
    if labelled is None:
        return text
    place = passage.sentences[begins].start
    return f"{labelled['of']}; {OF_THE_LIST}{place}: {_BREAKS.sub(',', text)}"


def _labelled_run(passage: Passage, at: int) -> int | None:
    """The first sentence of the paragraphs side by side that each begin with what they are of.

    "Walk and talk: every Sunday." and "Grief café: every Thursday."; None where a sentence stands
    in no such paragraph, or it stands alone.
    """
    first = _paragraph_first(passage, at)
    if not _is_labelled(passage, first):
        return None
    heads = [n for n in range(len(passage.sentences)) if _paragraph_first(passage, n) == n]
    own = heads.index(first)
    begins = ends = own
    while begins and _is_labelled(passage, heads[begins - 1]):
        begins -= 1
    while ends + 1 < len(heads) and _is_labelled(passage, heads[ends + 1]):
        ends += 1
    return heads[begins] if ends > begins else None


def _is_labelled(passage: Passage, first: int) -> bool:
    """Whether a paragraph begins with a few words and a colon that say what it is of."""
    if passage.sentences[first].kind is not BlockKind.BODY:
        return False
    text = _text(passage, first)
    labelled = None if _CELLS.search(text) else _LABELLED.match(text)
    return labelled is not None and len(labelled["of"].split()) <= _LABEL_WORDS


def as_row(passage: Passage, at: int) -> str:
    """A sentence, or a field behind what its paragraph is of, as it would stand in a table.

    So does a point of a list that is one of several, "Canoe: £7 an hour", and what a longer point
    goes on to say: "No booking." of "Walk and talk: every Sunday. No booking."
    """
    text = _text(passage, at)
    if passage.sentences[at].kind is BlockKind.LIST:
        if one := _ONE_OF_SEVERAL.fullmatch(text):
            return f"{one['of']}; as follows: {one['told']}"
        first, _ = _whole_point(passage, at)
        return _of_its_label(passage, first, list_start(passage, at), text)
    run = None if _CELLS.search(text) else _labelled_run(passage, at)
    if run is not None:
        return _of_its_label(passage, _paragraph_first(passage, at), run, text)
    if not _is_field(passage, at):
        return text
    label = _text(passage, _paragraph_start(passage, at)).rstrip(".")
    return f"{_BREAKS.sub(',', label)}; {text}"


def _paragraph_first(passage: Passage, at: int) -> int:
    """The first sentence of the paragraph in which a sentence stands."""
    while at and "\n" not in passage.slice(
        passage.sentences[at - 1].end, passage.sentences[at].start
    ):
        at -= 1
    return at


def _paragraph_start(passage: Passage, at: int) -> int:
    """The first sentence of the paragraph above a sentence; the sentence, where that is long."""
    first = _paragraph_first(passage, at - 1)
    return first if _words(passage, first, at) <= _LEAD_WORDS else at


def _points_back(text: str) -> bool:
    """Whether a sentence says something of what was named before it."""
    return any(shape.match(text) for shape in (_POINTS_BACK, _SOME_OF_THEM, _AMOUNT))


def _needs(text: str, before: str) -> bool:
    """Whether a sentence cannot do without the one before it."""
    shares = _SHARE_OF.search(text) is not None and _OF_WHOM.match(before) is not None
    return shares or _points_back(text)


def _is_asked(passage: Passage, at: int) -> bool:
    """Whether a sentence of the text asks what the next one answers."""
    own = passage.sentences[at]
    asks = own.kind is BlockKind.BODY and _text(passage, at).rstrip("”’\"' ").endswith("?")
    return asks and _words(passage, at, at + 1) <= _LEAD_WORDS


def _listed(passage: Passage, at: int) -> int:
    """The last sentence of the quote: the end of the list, where the sentence leads into one."""
    last = at
    if not _text(passage, at).endswith(":"):
        return last
    words = 0
    for number in range(at + 1, len(passage.sentences)):
        words += len(_text(passage, number).split())
        if passage.sentences[number].kind is not BlockKind.LIST or words > _LIST_WORDS:
            break
        last = number
    return last


def _points(passage: Passage, first: int, at: int) -> int:
    """The last sentence of the quote: the last point, where it counts off points or says how many.

    Args:
        passage: the passage.
        first: the sentence with which the quote begins.
        at: the sentence that answers.
    """
    for opening in range(first, min(at + 2, len(passage.sentences))):
        if _FIRST_POINT.match(_text(passage, opening)):
            last = _last_point(passage, opening)
            if last > max(at, opening) and _words(passage, first, last) <= _POINTS_WORDS:
                return last
    return at


def _last_point(passage: Passage, opening: int) -> int:
    """The last of the points of which ``opening`` is the first; ``opening`` where it is alone."""
    last = opening
    for number in range(opening + 1, len(passage.sentences)):
        if number - last > 1 + _ASIDES or passage.sentences[number].kind is not BlockKind.BODY:
            break
        if _NEXT_POINT.match(_text(passage, number)):
            last = number
    return last
