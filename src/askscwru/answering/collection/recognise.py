"""A question to what it asks of the collection, by grammar and the fields of the records.

A question is one on the collection only where every word of it has a part in such a question: what
kind of thing is asked, what posts are called, and conditions that the records can meet. Whatever is
left over makes it a plain question, since "How many posts did the council cut?" is not about blog
posts.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace

from askscwru.answering.collection.asked import CollectionQuestion, Conditions, Extreme, Want
from askscwru.answering.collection.conditions import Peeler
from askscwru.answering.collection.vocabulary import (
    ASKS,
    COUNT,
    EXTREME,
    EXTREMES,
    FILLER,
    HERE,
    MANY,
    NUMBER,
    NUMBERS,
    POST,
    POSTS,
    SURE_POST,
    WRITE,
    WRITER,
    WRITTEN,
)

_ANY_CASE = re.IGNORECASE
_COURTESY = re.compile(
    r"^(?:(?:please|pls|hi|hello|hey|ok|okay|so|and|well|now|then|thanks|thank you|also|but)[,.!:;]?\s+)*"
    r"(?:(?:can|could|would|will) (?:you|i|we)\s+(?:please\s+)?(?=(?:tell|show|list|give|find|name|count|compare|summari[sz]e|sum|say|get|see|have|let)\b)|"
    r"(?:do you know|i(?:'d| would) like to know|i want to know|i wonder|i was wondering|(?:please )?tell me|let me know|say|"
    r"(?:can|could) you (?:please )?tell me|any idea|do you happen to know)[,:]?\s+(?=(?:which|what|who|how|when|where|whether|if|the)\b))?"
    r"(?:please\s+)?",
    _ANY_CASE,
)
_END = re.compile(
    r"(?:[\s,]+(?:please|pls|thanks|thank you|then|exactly|though|now|again))*[\s?!.…]*$", _ANY_CASE
)
QUOTED = re.compile(r"[‘“'\"«](?P<x>[^‘“\"«»”]{3,}?)[’”'\"»](?=[\s?.,!]|$)")


def _form(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern, _ANY_CASE)


_MORE = rf"(?:\s+{FILLER})*"
_KIND = r"(?:(?P<undated>undated)\s+|(?P<untitled>untitled)\s+|(?P<whole>whole|complete|full)\s+|(?P<part>incomplete|partial|unfinished)\s+)?"
_N = rf"{MANY}(?:(?P<n>{NUMBER})\s+)?{MANY}{_KIND}(?P<noun>{POST})"
_WHO = r"(?P<who>.+?)"
_DID = r"(?:did|has|have|does|do|had)"
_EVER = r"(?:(?:has|have|had|ever|all|also|actually|so far|already|personally)\s+)*"

_AUXILIARY = _form(r"^(?:(?:is|are|was|were|did|does|do|has|have|had|by|of|from)\s+)+")
_WRITES = _form(r"\b(?:wr(?:ite|ites|ote|itten)|blog(?:s|ged)?|author(?:ed)?|co-?wr\w+)\b")

# -- lists and counts ------------------------------------------------------------------------------

_COUNTS = tuple(
    map(
        _form,
        (
            rf"{COUNT}\s+{_N}{_MORE}(?:\s+{WRITTEN})?{_MORE}",
            rf"{COUNT}\s+{_N}\s+(?:that\s+|which\s+)?{_DID}\s+{_WHO}\s+{_EVER}{WRITE}{_MORE}",
            rf"{COUNT}\s+{_N}\s+(?:that\s+|which\s+)?{_WHO}\s+{_EVER}{WRITE}{_MORE}",
            rf"{COUNT}\s+{_N}\s+(?:does|do|did)\s+{_WHO}\s+have{_MORE}",
            rf"{COUNT}\s+(?:times|things)?\s*{_DID}\s+{_WHO}\s+{_EVER}{WRITE}{_MORE}",
            rf"{COUNT}\s+{_WHO}(?:[’']s|(?<=s)[’'])\s+{_N}{_MORE}",
            r"how (?:big|large) is (?:the|this|your) (?:collection|corpus|archive|blog|library|index)",
        ),
    )
)
_LISTS = tuple(
    map(
        _form,
        (
            rf"(?:{ASKS})?{_N}{_MORE}(?:\s+{WRITTEN})?{_MORE}",
            rf"(?:{ASKS})?{_N}\s+(?:that\s+|which\s+)?(?:(?:{_DID}|was|were|is|are)\s+)?{_WHO}\s+{_EVER}{WRITE}{_MORE}",
            rf"(?:{ASKS})?{_WHO}(?:[’']s|(?<=s)[’'])\s+{_N}{_MORE}",
            rf"what(?: else| all)?\s+{_DID}\s+{_WHO}\s+{_EVER}{WRITE}{_MORE}",
            rf"(?:{ASKS})?(?:everything|all|all things|whatever)(?:\s+that)?\s+{_WHO}\s+{_EVER}{WRITE}{_MORE}",
        ),
    )
)
_ANYTHING = _form(
    rf"(?:{ASKS}|do you have |have you got |is there |are there |what(?: else)? )*(?:everything|anything|something|all|what|more|things|stuff)?"
    rf"(?:\s*(?:that|is|was|are|were|there|has been|have been|been|{WRITTEN}|{FILLER}))*"
)
_SOMETHING = _form(rf"\b(?:everything|anything|something|things|stuff|all|you|{HERE}|{WRITTEN})\b")
_OF_A_SERVICE = _form(
    r"(?:do|does|did|can|could|will|would|are) (?:you|they|we)\b"
    r"(?!.*\b(?:everything|anything|something|things|stuff|what|more)\b)"
)
"""Asks what somebody does: "do you cover the islands?", "do you look at savings?"."""
_IN_WHICH = tuple(
    map(
        _form,
        (
            rf"(?P<count>{COUNT})?\s*(?:in\s+)?(?:which|what|how many)?\s*{MANY}(?:of\s+)?{POST}\s+(?:is|are|was|were|does|do)\s+(?P<x>.+?)\s+(?:is\s+|are\s+)?(?:mentioned|named|referred to|cited|quoted|appear|come up|occur)s?(?:\s+in)?{_MORE}",
            rf"in\s+(?P<count>how many)\s+{MANY}{POST}\s+(?:is|are|was|were|does|do)\s+(?P<x>.+?)\s+(?:mentioned|named|referred to|cited|appear|come up|occur){_MORE}",
            r"(?P<count>\b\B)?where (?:is|are|was|were|do|does) (?:the (?:words?|phrases?|terms?|names?) )?(?P<x>.+?) (?:mentioned|named|referred to|come up|appear)(?:\s+(?:here|in the posts|in these posts|in the blogs?))?",
            rf"(?P<count>\b\B)?(?:is|are|was|were) (?:the (?:words?|phrases?|terms?|names?) )?(?P<x>.+?) (?:mentioned|named|referred to)\s+(?:anywhere|at all|somewhere|here|in (?:any of )?(?:the|these) {POSTS}|in any {POST}){_MORE}",
            rf"(?P<count>\b\B)?do(?:es)? (?:any|some|one)(?: of the| of these)? {POST} (?:mention|name|refer to)s? (?P<x>.+)",
            rf"(?P<count>how (?:often|many times)) (?:is|are|was|were|do|does) (?:the (?:words?|phrases?|terms?|names?) )?(?P<x>.+?) (?:mentioned|named|come up|appear|occur)s?{_MORE}",
        ),
    )
)
_HOW_MANY = _form(
    rf"(?:and\s+)?(?:how many|{COUNT} (?:them|these|those))(?:\s+(?:are|of them|of these|of those|is that|were|is it|{FILLER}))*"
)

# -- the first and the last of them ----------------------------------------------------------------

_X = rf"(?P<x>{EXTREME})"
_EXTREMES = tuple(
    map(
        _form,
        (
            rf"(?:{ASKS})?{MANY}(?:(?P<m>{NUMBER})\s+)?{_X}\s+{_N}{_MORE}(?:\s+{WRITTEN})?{_MORE}",
            rf"(?:which|what)\s+{_N}\s+(?:is|are|was|were|came|has|have|did|do|does)\s+(?:the\s+)?(?:{WRITTEN}\s+)?(?:the\s+)?{_X}(?:\s+(?:one|of all|{WRITTEN}|of them))?{_MORE}",
            rf"(?:which|what) of {_N}\s+(?:is|are|was|were|has|have)\s+(?:the\s+)?(?:{WRITTEN}\s+)?(?:the\s+)?{_X}{_MORE}",
            rf"what\s+{_DID}\s+{_WHO}\s+{WRITE}\s+{_X}{_MORE}",
            rf"(?:{ASKS})?{_WHO}(?:[’']s|(?<=s)[’'])\s+(?:(?P<m>{NUMBER})\s+)?{_X}\s+{_N}{_MORE}",
            rf"(?:{ASKS})?(?:the\s+)?{_X}\s+(?:thing|one|news|from)\s*(?:that\s+)?(?:(?:was|were)\s+)?(?:{WRITTEN})?{_MORE}(?P<noun>)",
        ),
    )
)
_NEW = _form(
    rf"(?:what(?:'s| is)|is there anything|anything|what is there that is)\s+(?P<x>new|recent|the latest|the newest)(?:\s+{HERE})?"
)
_RECENT = _form(
    rf"(?:{ASKS})?{MANY}(?P<x>recent|new|newer|latest|old|older|long|longer|short|shorter)\s+{_N}{_MORE}"
)
_EXTREME_ALONE = _form(
    rf"(?:and\s+)?(?:(?:which|what)(?: one)?(?: of (?:them|these|those))? (?:is|was|are|has) )?(?:the )?(?:very )?{_X}(?:\s+(?:one|ones|of them|of these|of those|{POST}))?"
)

# -- authors, blogs, labels ------------------------------------------------------------------------

_WROTE = r"(?:writes?|wrote|(?:has|have) written|(?:has|have) been writing|is writing|are writing|blogs|blogged|contributes?|(?:has|have) contributed|contributed|posts|posted|(?:has|have) (?:posted|published|blogged)|publishes|published)"
_AUTHORS = tuple(
    map(
        _form,
        (
            rf"(?:who(?: else| all)?|which (?:of the )?{WRITER}|what {WRITER}|which people|whoever)\s+{_WROTE}(?:\s+(?:{MANY}{POSTS}|something|anything|{HERE}|for (?:the|this) blog|to (?:the|this) blog|most often|here|regularly))*",
            rf"(?:who (?:are|is|were)|{ASKS}|list|name|show)?\s*(?:{MANY})(?:the\s+)?(?:people who (?:write|wrote|blog)|{WRITER})(?:{_MORE})(?:\s+(?:of (?:the|these|this|all) (?:posts|blogs?|collection)|{_WROTE}))?{_MORE}",
            r"who(?: else| all)?",
        ),
    )
)
_AUTHOR_COUNT = _form(
    rf"{COUNT}\s+(?:{MANY})(?:{WRITER}|(?:(?:different )?people|persons)(?= (?:who |that )?(?:have )?{_WROTE}\b))(?:\s+(?:{_WROTE}|{FILLER}|{MANY}{POSTS}|{HERE}|who|that|for (?:the|this) blog|something))*"
)
_MOST = _form(
    rf"(?:who|which (?:{WRITER}|person)|what {WRITER})\s+(?:{_WROTE}|has|had|is)\s+(?:the )?(?P<x>most|fewest|least)(?:\s+(?:{MANY}{POSTS}|prolific|often|frequently|of (?:the|these|them)(?: {POSTS})?|active|{WRITTEN}))*{_MORE}(?:\s+{WRITER})?|"
    rf"(?:{ASKS}|who is |who's )?(?:the )?(?P<y>most|least) (?:prolific|active|frequent|busy) {WRITER}{_MORE}"
)
_BLOGS = _form(
    rf"(?:{ASKS})?(?P<count>{COUNT}\s+)?{MANY}(?:blogs|sites|websites)(?:\s+(?:{FILLER}|(?:the|these|your) posts|from|come|came|taken|{MANY}{POSTS}))*"
)
_LABELS = _form(
    rf"(?:{ASKS})?(?P<count>{COUNT}\s+)?{MANY}(?:categories|tags|labels|keywords|topics|subjects|themes|sections)(?:\s+(?:{FILLER}|{MANY}{POSTS}|{MANY}blogs?|deal with|discussed?|talk about|about|used?|written about|treated?))*"
)
_THESE = r"(?:this|these|the|your|those|all(?: of)?(?: the| these| your)?)(?: whole| entire)?"
_ALL = rf"(?:{_THESE}\s+(?:{POSTS}|blogs?|collection|corpus|archive|site|website|library|index|data ?set))"
_COLLECTION = tuple(
    map(
        _form,
        (
            rf"what (?:is|are) {_ALL}(?: {HERE})?(?: all| mainly| mostly)? (?:about|for|on)",
            rf"what(?:'s| is| can be found| can i find| can i read| do you have| have you got| is there)(?: to (?:read|find|ask))?(?: about| in)? {HERE}",
            rf"what (?:do|does) {_ALL} (?:cover|deal with|talk about|discuss|write about|contain|have|include|treat|say)(?: in general| overall)?",
            rf"(?:tell me (?:something |more )?about|describe|introduce|give me an overview of|an overview of|overview of|summari[sz]e|sum up) {_ALL}",
            rf"what (?:kind|sort|type)s? of (?:{POST}|collection|blogs?|texts?|things|site) (?:is|are) (?:this|these|there|here|it|they|in here)(?:{_MORE})?",
            rf"what (?:is|are) (?:in|inside) {_ALL}",
            rf"what (?:can|could) (?:i|one|you) (?:read|learn|find(?: out)?)(?: about)?(?: {HERE})?(?: from (?:the|these) posts)?",
            rf"what (?:do|does|did) {_WHO} (?:mostly |mainly |usually |generally )?(?:write|blog)s? about",
        ),
    )
)
_SPAN = tuple(
    map(
        _form,
        (
            rf"(?:when|in (?:which|what) years?) (?:were|are) {_ALL} (?:{WRITTEN}|from|dated)",
            rf"(?:what|which) (?:period|years?|time|times|dates?|span of time|time span|date range|range of dates|decades?)(?: of time)? (?:do|does|is|are|did|were) {_ALL}(?:{_MORE})?(?: (?:cover(?:ed)?|span(?:ned)?|from|{WRITTEN}|by))?",
            rf"how old (?:is|are) {_ALL}",
            rf"from when(?: to when)? (?:is|are) {_ALL}",
            rf"how far back (?:does|do) {_ALL} (?:go|reach)",
            rf"(?:what is )?(?:the )?(?:dates?|date range|period|time span) of {_ALL}",
            rf"(?:do|are|does|is) (?:any of )?{_ALL} (?:have (?:a )?dates?|dated)",
        ),
    )
)

# -- one post --------------------------------------------------------------------------------------

_P = r"(?P<post>.+?)"
_NAMED = rf"(?P<post>(?:(?:the|this|that) )?{SURE_POST}\b.*|[‘“'\"«].+[’”'\"»])"
"""A post that is said to be one: "the date of the fair" is another one than its post's."""
_WROTE_ONE = r"(?:wrote|writes|has written|authored|co-?wrote|co-?authored|published|posted|is responsible for|is behind|penned|did)"
_OUT = rf"(?:{WRITTEN}|put (?:up|online|out)|come out|came out|appear(?:ed)?|go up|go online|go live|dated|from|released|out|made)"
_FACTS: tuple[tuple[Want, re.Pattern[str]], ...] = tuple(
    (want, _form(pattern))
    for want, pattern in (
        (Want.AUTHOR, rf"who(?: all)? {_WROTE_ONE} {_P}"),
        (Want.AUTHOR, rf"(?:which|what) {WRITER} {_WROTE_ONE} {_P}"),
        (
            Want.AUTHOR,
            rf"(?:who (?:is|are|was|were)|who's|what is|what's|(?:which|what)(?: \w+)? (?:is|are)|name|tell me)?\s*(?:the )?(?:names? of the )?(?:{WRITER}|person who wrote|people who wrote) (?:of |behind |for )?{_P}",
        ),
        (
            Want.AUTHOR,
            rf"(?:who|by whom)\s+(?:is|was|were|are|has)\s+{_P}\s+(?:been )?(?:{WRITTEN}(?: by)?|by|from)",
        ),
        (Want.AUTHOR, rf"by whom (?:is|was) {_P}"),
        (Want.AUTHOR, rf"whose (?:{POST}|work|text) is {_P}"),
        (Want.AUTHOR, rf"whose is {_P}"),
        (
            Want.DATE,
            rf"(?:when|on (?:what|which) (?:date|day)|in (?:what|which) (?:year|month)|(?:what|which) (?:year|month|date|day))\s+(?:was|is|were|did|has|does)\s+{_P}\s+(?:first |originally |been |get )?{_OUT}(?: on)?(?: the blog)?",
        ),
        (Want.DATE, rf"when did (?P<by>.+?) (?:write|publish|post) {_P}"),
        (
            Want.DATE,
            rf"(?:what (?:is|was) |what's |tell me |give )?(?:the )?(?:(?:publication|publishing) (?:date|day|year)|(?:date|day|year) of publication) (?:of|for) {_P}",
        ),
        (
            Want.DATE,
            rf"(?:what (?:is|was) |what's |tell me |give )?(?:the )?(?:date|day|year) (?:of|for) {_NAMED}",
        ),
        (Want.DATE, rf"(?:what|which) (?:date|day|year) does {_P} (?:have|bear|carry)"),
        (Want.DATE, rf"(?:what|which) (?:date|day|year) has {_P}"),
        (Want.DATE, rf"(?:what|which) (?:date|day|year) is {_P} from"),
        (Want.DATE, rf"(?:what|which) (?:date|day|year) is {_NAMED}"),
        (Want.DATE, rf"how (?:old|recent|new) is {_NAMED}"),
        (Want.DATE, rf"when was (?:the )?{SURE_POST} (?P<post>.+)"),
        (Want.DATE, r"when was (?P<post>[‘“'\"«].+[’”'\"»])"),
        (
            Want.LENGTH,
            rf"how many words\s+(?:is|are|was|does|did|has|have|in|there in|are in|are there in)\s*(?:there\s+)?(?:in\s+)?{_P}(?:\s+(?:have|has|got|contain|run to|long))?",
        ),
        (
            Want.LENGTH,
            rf"how long\s+(?:is|are|was)\s*{_NAMED}(?:\s+in words)?",
        ),
        (Want.LENGTH, r"how long\s+(?:is|are|was)\s*(?P<post>(?:\S+\s+){4,}\S+)"),
        (Want.LENGTH, rf"how long\s+(?:is|are|was)\s*{_P}\s+in words"),
        (
            Want.LENGTH,
            rf"(?:what(?:'s| is) the )?(?:word count|length|number of words) (?:of|in|for) {_P}",
        ),
        (
            Want.WHOLE,
            r"(?:is|are|do (?:you|we|i) (?:have|get|know|see)|have (?:you|we)(?: got)?|can i (?:read|see|get))\s+(?:only |just )?(?P<post>.{3,200}?)\s*\b(?:(?:the |a |here |only |just |known |in |it |an |the whole |or )*(?:whole(?: post| text| thing)?|full(?: post| text)?|complete(?:ly)?|entire(?:ly|ty)?|in full|all of it|opening|beginning|excerpt|extract|cut (?:off|short)|from start to finish|truncated|unabridged|start))\b.*",
        ),
        (
            Want.WHOLE,
            rf"(?:is (?:this|that|it) |is |do (?:you|we|i) (?:have|see|get) |have you (?:got )?|can i read |is there )?(?:the )?(?:whole|all|entire|full|complete|rest|only the opening|more|any more) (?:text |post )?(?:of|to) {_P}",
        ),
        (
            Want.BLOG,
            rf"(?:on )?(?:which|what|whose) (?:blog|site|website) (?:is|was|did|does|carries|carried|published|posted|has|hosts?|hosted)\s+{_P}(?:\s+(?:on|from|in|appear(?:ed)?|{WRITTEN}|stand))*",
        ),
        (Want.BLOG, rf"where (?:was|is|did|does) {_P} (?:{WRITTEN}|appear(?:ed)?|come out|stand)"),
        (Want.TITLE, r"what(?:'s| is) (?P<post>[‘“'\"«].+[’”'\"»]) called"),
        (Want.TITLE, rf"what(?:'s| is) (?P<post>(?:the )?{SURE_POST} .+?) (?:called|titled)"),
        (
            Want.TITLE,
            rf"(?:what(?:'s| is) )?the (?:title|name|headline) of (?P<post>(?:the )?{SURE_POST} .+)",
        ),
        (
            Want.ADDRESS,
            rf"(?:what(?:'s| is) |give me |show me |tell me )?(?:the )?(?:web ?)?(?:url|address|link|permalink|web page|page)(?: of| to| for) {_P}",
        ),
        (
            Want.ADDRESS,
            rf"where (?:can|could|do) (?:i|one|we) (?:read|find|see|open) {_P}(?: online| on the web)?",
        ),
        (
            Want.SOURCE,
            rf"(?:which|what) (?:source|file|page)s? (?:is|does|holds|has|was) {_P}(?: (?:in|from|come from|stand in|taken from))?",
        ),
        (
            Want.FILED,
            rf"(?:which|what) (?:category|categories|tags?|topics?|labels?|keywords?) (?:does|do|is|are|has) {_P}(?: (?:have|in|under|carry|filed under|tagged with|tagged))?",
        ),
        (
            Want.FILED,
            rf"(?:how is|how was|under what is) {_P} (?:tagged|filed|categori[sz]ed|labell?ed)",
        ),
        (
            Want.FILED,
            rf"(?:what are )?(?:the )?(?:tags|categories|labels|keywords|topics) (?:of|for) {_P}",
        ),
        (
            Want.SUMMARY,
            rf"(?:give me |write |make |i need |i want |i'd like |can i have |do )?(?:an? |the )?(?:short |brief |quick )?(?:summar(?:y|ies|i[sz]e|i[sz]ation)|summary|sum up|tl;?dr|main points?|key points?|main ideas?|key ideas?|main message|key message|gist|essence|outline|abstract|overview|recap|digest|condense|central sentences)(?:\s*:)?(?: of| for| from| in| to me| me)? {_P}",
        ),
        (
            Want.SUMMARY,
            rf"(?:what (?:is|are|'s) )(?:the )?(?:summary|main points?|key points?|main ideas?|main message|gist|essence|argument|point|main argument|message|conclusion|bottom line) (?:of|in|from) {_P}",
        ),
        (Want.SUMMARY, rf"what (?:is|was|are) {_P} (?:all |mainly |mostly )?about"),
        (
            Want.SUMMARY,
            rf"what does {_P} (?:say|tell us|argue|cover)(?: in short| in brief| overall)?",
        ),
        (
            Want.SUMMARY,
            rf"{_P}\s+(?:in a nutshell|in brief|in short|in a few sentences|in (?:two|three|four|five) sentences|tl;?dr)",
        ),
    )
)
_SURELY_A_POST = re.compile(
    rf"\b{SURE_POST}\b|\b(?:titled|entitled|called|named)\b|\bpiece (?:called|titled|by|about|on)\b",
    _ANY_CASE,
)
_PLURAL = re.compile(
    rf"^(?:{MANY})?{POSTS}\b|^(?:about|on|in|for|here|there|the most|most|something|anything)\b",
    _ANY_CASE,
)

# -- views -----------------------------------------------------------------------------------------

_SAY = r"(?:say|says|said|think|thinks|thought|write|writes|wrote|written|argue|argued|believe|tell us|tell|have to say|feel|report|reported|conclude)"
_OF = r"(?:about|on|of|regarding|concerning|to)"
_VIEWERS = rf"(?:(?:the|these|those|your|all(?: of)?|different|various|other|any|several|both|our|blog|of)\s+)*(?:{POSTS}|{WRITER}|people|blogs?|sources|texts|the collection|everyone|they)(?: here| in here| in (?:the|this|these) (?:collection|posts|blogs?))?"
_VIEW_NOUN = r"(?:views?|opinions?|arguments?|positions?|perspectives?|standpoints?|takes?|thoughts|attitudes?|stances?|points of view|viewpoints?)"
_VIEWS = tuple(
    map(
        _form,
        (
            rf"what(?: else)? (?:do|does|did|have|has) {_VIEWERS} (?:have |has |all )?{_SAY}(?: here)? {_OF} (?P<x>.+)",
            rf"what (?:is|was|has been|gets|have been|'s)(?: all)? (?:said|written|thought|argued|reported)(?: here| in (?:the|these) {POSTS}| by (?:the )?{WRITER})? {_OF} (?P<x>.+)",
            rf"(?:what (?:is|are|were) |what's |show me |give me |list |collect |tell me |find )?(?:the |their |some |any |all |several |various |different |(?:the )?(?:posts|authors|writers)[’'] )*{_VIEW_NOUN}(?: there are| in (?:the|these) {POSTS}| of (?:the )?{WRITER}| here)? (?:about|on|of|regarding|for and against|against|for) (?P<x>.+)",
            rf"how (?:do|does|did) {_VIEWERS} (?:see|view|describe|judge|regard|think of|feel about|look at|assess|talk about|write about|discuss|treat) (?P<x>.+)",
            rf"(?:do|does|did) {_VIEWERS} (?:all )?(?:agree|disagree|differ) (?:on|about|over|that|with) (?P<x>.+)",
            rf"who (?:says|said|thinks) what {_OF} (?P<x>.+)",
            rf"(?:where|on what) do {_VIEWERS} (?:agree|disagree|differ) (?:on|about|over) (?P<x>.+)",
        ),
    )
)
_AUTHOR_VIEWS = tuple(
    map(
        _form,
        (
            rf"what (?:do|does|did|has|have) {_WHO} (?:ever |have |has )?{_SAY} {_OF} (?P<x>.+)",
            rf"(?:what (?:is|are|were|was) )?{_WHO}(?:[’']s|(?<=s)[’']) {_VIEW_NOUN} (?:about|on|of|regarding) (?P<x>.+)",
            rf"what (?:is|are) the {_VIEW_NOUN} of {_WHO} (?:about|on|regarding) (?P<x>.+)",
            rf"how (?:do|does|did) {_WHO} (?:see|view|describe|judge|regard|feel about|assess) (?P<x>.+)",
        ),
    )
)
_VAGUE = _form(r"(?:the )?(?:others?|rest|that|this|those|these|it|them|each other|one another)\b")
_FEW = r"(?!(?:how|what|which|who|whom|whose|when|where|why|is|are|was|were|do|does|did|can|could|should|has|have|had)\b)\w\S*(?:\s+\S+){0,3}?"
_COMPARES = tuple(
    map(
        _form,
        (
            r"(?:please )?(?:compare|contrast|compare and contrast)(?: what (?:the posts|they|these posts|authors) (?:say|write|think) (?:about|on|of))? (?P<a>.+?)(?:,? (?:and|with|to|against|versus|vs\.?) )(?:(?:what (?:the posts|they) say )?(?:about|on) )?(?P<b>.+)",
            r"(?:a |the |make a |give me a )?comparison (?:of|between) (?P<a>.+?) (?:and|with|to|versus|vs\.?) (?P<b>.+)",
            rf"(?P<a>{_FEW}) (?:versus|vs\.?|compared (?:with|to)|in comparison (?:with|to)) (?P<b>{_FEW})",
            r"how (?:do|does|did) (?P<a>.+?) compare (?:with|to|against) (?P<b>.+)",
            r"how (?:do|does) (?P<a>.+?) and (?P<b>.+?) compare(?: with each other| to each other)?",
        ),
    )
)

# -- what refines a list ---------------------------------------------------------------------------

_ONLY = _form(
    rf"(?:(?:and|but|now|ok|okay|just|only|what about|how about|show me|show|list|give me|keep|then|please|which|which ones|what|those|these|them|the ones?|ones?|they|"
    rf"of (?:them|those|these)|that|are|is|were|was|there|any|all|limit (?:it|them) to|restrict (?:it|them) to|{POSTS}|{WRITTEN}|by)[\s,]+)*"
    r"(?:and|but|now|just|only|which|ones?|those|these|them|(?:which|who) of (?:them|those|these)|of (?:them|those|these)|are|were|is|what about|how about|show|list|the ones?|limit (?:it|them)|posts|any|which ones)?"
)
_COUNT_OF_THEM = _form(
    r"(?:and\s+)?how many(?: of (?:them|those|these)| ones)?(?:\s+(?:are|is|were|was|do|did|have|has))*"
)
_REFERS = re.compile(
    r"\b(?:them|those|these|ones?|only|just)\b|^(?:and|what about|how about|but)\b", _ANY_CASE
)
_OTHERS = _form(
    r"(?:and|show(?: me)?|list|what (?:about|are)|which (?:are|were)|give me|where are|who are|what of|how about)?\s*(?:all )?(?:the |of the )?(?:others?|other ones|rest|remaining(?: ones| posts)?|other posts|rest of (?:them|the list|the posts))(?: as well| too)?|"
    r"(?:and\s+)?(?:show(?: me)? |list |are there |any )?(?:all of them|them all|more of them|more)"
)


_LONGEST = 400
"""Characters: whoever asks for posts needs no more, two titles and a condition among them. The forms
try many divisions of a text, so that one of thousands of characters would take them seconds."""

_FOUND_OUT = re.compile(
    r"what (?:else )?(?:did|have|has) (?:you|they|we|she|he|it)\s+(?:find|found|learn\w*|see|seen|"
    r"discover\w*|observe\w*|notice\w*)\b(?: out)?(?: (?:about|on|of|in|for)\b)",
    re.IGNORECASE,
)
"""How a question begins that asks what was found in a study, and not for posts."""


class Recogniser:
    """Tells what a question asks of the collection; loads nothing, and is safe in many threads."""

    def __init__(self, peeler: Peeler) -> None:
        self._peeler = peeler

    def __call__(self, question: str) -> Iterator[CollectionQuestion]:
        """What a question may ask, the likeliest first; nothing for a plain question.

        Where it names one post, whether there is such a post is seen by whoever looks it up.
        """
        text = bare(question)
        if not text or len(text) > _LONGEST or _FOUND_OUT.match(text):
            return
        yield from self._compares(text)
        yield from self._views(text)
        yield from self._whole(text)
        yield from self._facts(text)
        yield from self._lists(text)

    def lists(self, words: str) -> Iterator[CollectionQuestion]:
        """What words ask of the posts as a list, without a look at single posts."""
        yield from self._lists(bare(words))

    def refinement(self, question: str) -> CollectionQuestion | None:
        """What a question adds to the list before it; None where it says something else."""
        text = bare(question)
        if _OTHERS.fullmatch(text):
            return CollectionQuestion(want=Want.LIST, among=True, refines=True)
        if match := _EXTREME_ALONE.fullmatch(text):
            return CollectionQuestion(
                want=Want.LIST, among=True, extreme=_extreme(match["x"]), number=1
            )
        peeled = self._peeler.peel(f" {text}")
        core = peeled.core.strip()
        if _COUNT_OF_THEM.fullmatch(core) and (peeled.where or _HOW_MANY.fullmatch(core)):
            return CollectionQuestion(want=Want.COUNT, where=peeled.where, among=True)
        if not peeled.where:
            return None
        if _ONLY.fullmatch(core) and (_REFERS.search(core) or not core):
            return CollectionQuestion(want=Want.LIST, where=peeled.where, among=True, refines=True)
        return None

    # -- rules -----------------------------------------------------------------------------------

    def _compares(self, text: str) -> Iterator[CollectionQuestion]:
        for form in _COMPARES:
            if match := form.fullmatch(text):
                subjects = (_subject(match["a"]), _subject(match["b"]))
                if all(subjects) and not _VAGUE.match(subjects[1]):
                    yield CollectionQuestion(want=Want.COMPARE, subjects=subjects)

    def _views(self, text: str) -> Iterator[CollectionQuestion]:
        for form in _VIEWS:
            if match := form.fullmatch(text):
                yield self._view(match["x"])
        for form in _AUTHOR_VIEWS:
            match = form.fullmatch(text)
            if match and (names := self._peeler.authors(match["who"])):
                view = self._view(match["x"])
                yield replace(view, where=replace(view.where, authors=names))
        peeled = self._peeler.peel(text)
        if peeled.where.topic is not None:
            match = _LISTS[3].fullmatch(peeled.core)
            if match and (names := self._peeler.people(match["who"])):
                where = replace(peeled.where, authors=names, topic=None)
                yield CollectionQuestion(
                    want=Want.VIEWS, where=where, subjects=(peeled.where.topic,)
                )

    def _view(self, words: str) -> CollectionQuestion:
        peeled = self._peeler.peel(f"posts about {words}")
        topic = peeled.where.topic or words
        where = replace(peeled.where, topic=None)
        return CollectionQuestion(want=Want.VIEWS, where=where, subjects=(_subject(topic),))

    def _whole(self, text: str) -> Iterator[CollectionQuestion]:
        """Questions on all of the posts together."""
        for form in _COLLECTION:
            match = form.fullmatch(text)
            if match is None:
                continue
            who = match.groupdict().get("who")
            names = self._peeler.people(who) if who else ()
            if who is None or names:
                yield CollectionQuestion(want=Want.COLLECTION, where=Conditions(authors=names))
        if any(form.fullmatch(text) for form in _SPAN):
            yield CollectionQuestion(want=Want.SPAN)

    def _facts(self, text: str) -> Iterator[CollectionQuestion]:
        for want, form in _FACTS:
            match = form.fullmatch(text)
            if match is None:
                continue
            name = match["post"].strip(" ,:")
            if _PLURAL.match(name) and not QUOTED.search(name):
                continue
            surely = bool(_SURELY_A_POST.search(name))
            by = match.groupdict().get("by")
            names = self._peeler.people(by) if by else ()
            if by and not names:
                continue
            yield CollectionQuestion(
                want=want, post=name, surely_post=surely, where=Conditions(authors=names)
            )

    def _lists(self, text: str) -> Iterator[CollectionQuestion]:
        for form in _IN_WHICH:
            if match := form.fullmatch(text):
                words = _unquoted(match["x"])
                want = Want.COUNT if match["count"] or text.lower().startswith("how") else Want.LIST
                if words:
                    yield CollectionQuestion(want=want, where=Conditions(words=words))
        for core, where in self._peelings(text):
            yield from self._named(core, where)
            yield from self._extremes(core, where)
            yield from self._counted(core, where)
            yield from self._listed(core, where, text)

    def _peelings(self, text: str) -> Iterator[tuple[str, Conditions]]:
        peeled = self._peeler.peel(text)
        yield peeled.core, peeled.where
        if peeled.where:
            yield text, Conditions()

    def _named(self, core: str, where: Conditions) -> Iterator[CollectionQuestion]:
        """Authors, blogs, categories and tags."""
        yield from self._most(core, where)
        if _AUTHOR_COUNT.fullmatch(core):
            yield CollectionQuestion(want=Want.AUTHOR_COUNT, where=where)
        # "Who?" alone asks of the answer before.
        alone = core.lower() in ("who", "who else", "who all") and not (where.words or where.topic)
        if not alone and (where or core.lower() != "who"):
            for form in _AUTHORS:
                if form.fullmatch(core):
                    yield CollectionQuestion(want=Want.AUTHORS, where=where)
        match = _BLOGS.fullmatch(core)
        if match and not where:
            yield CollectionQuestion(want=Want.BLOG_COUNT if match["count"] else Want.BLOGS)
        match = _LABELS.fullmatch(core)
        if match and not (where.topic or where.words):
            yield CollectionQuestion(want=Want.LABELS, where=where)

    def _most(self, core: str, where: Conditions) -> Iterator[CollectionQuestion]:
        """Who wrote the most posts, or the fewest."""
        if match := _MOST.fullmatch(core):
            least = (match["x"] or match["y"]).lower() != "most"
            extreme = Extreme.SHORTEST if least else Extreme.LONGEST
            yield CollectionQuestion(want=Want.AUTHORS, where=where, extreme=extreme)

    def _extremes(self, core: str, where: Conditions) -> Iterator[CollectionQuestion]:
        if _NEW.fullmatch(core):
            yield CollectionQuestion(want=Want.LIST, where=where, extreme=Extreme.NEWEST, number=5)
        for form in _EXTREMES:
            match = form.fullmatch(core)
            if match is None:
                continue
            fields = match.groupdict()
            names = self._with(fields.get("who"), where, core)
            if names is None:
                continue
            number = _number(fields.get("m") or fields.get("n"))
            many = (fields.get("noun") or "").lower().endswith("s")
            first = number or (5 if many and not _singular(core) else 1)
            yield CollectionQuestion(
                want=Want.LIST, where=names, extreme=_extreme(match["x"]), number=first
            )
        if match := _RECENT.fullmatch(core):
            word = match["x"].lower()
            order = {"o": Extreme.OLDEST, "l": Extreme.LONGEST, "s": Extreme.SHORTEST}.get(
                "n" if word == "latest" else word[0], Extreme.NEWEST
            )
            number = _number(match["n"]) or 5
            yield CollectionQuestion(want=Want.LIST, where=where, extreme=order, number=number)

    def _counted(self, core: str, where: Conditions) -> Iterator[CollectionQuestion]:
        for form in _COUNTS:
            match = form.fullmatch(core)
            if match is None:
                continue
            fields = match.groupdict()
            limited = self._with(fields.get("who"), where, core)
            if limited is not None:
                yield CollectionQuestion(want=Want.COUNT, where=_flagged(fields, limited))

    def _listed(self, core: str, where: Conditions, text: str) -> Iterator[CollectionQuestion]:
        for form in _LISTS:
            match = form.fullmatch(core)
            if match is None:
                continue
            fields = match.groupdict()
            limited = self._with(fields.get("who"), where, core)
            if limited is None:
                continue
            number = _number(fields.get("n"))
            yield CollectionQuestion(want=Want.LIST, where=_flagged(fields, limited), number=number)
        anything = _SOMETHING.search(text) and not _OF_A_SERVICE.match(text)
        if where and anything and _ANYTHING.fullmatch(core):
            yield CollectionQuestion(want=Want.LIST, where=where)

    def _with(self, who: str | None, where: Conditions, core: str) -> Conditions | None:
        """The conditions with the authors that some words name; None where they name nobody."""
        if not who:
            return where
        who = _AUXILIARY.sub("", who)
        names = self._peeler.people(who, writes=bool(_WRITES.search(core)))
        if not names or where.authors:
            return None
        return replace(where, authors=names, either=" or " in who.lower())


def bare(question: str) -> str:
    """A question without courtesies, and without the mark at its end."""
    text = question.translate(str.maketrans("`´", "''")).strip()
    text = _END.sub("", text)
    return _COURTESY.sub("", text, count=1).strip()


def _flagged(fields: dict[str, str | None], where: Conditions) -> Conditions:
    """The conditions with what stands before "posts": undated, untitled, whole, incomplete."""
    if fields.get("undated"):
        return replace(where, undated=True)
    if fields.get("untitled"):
        return replace(where, untitled=True)
    if fields.get("whole") or fields.get("part"):
        return replace(where, whole=bool(fields.get("whole")))
    return where


def _extreme(word: str) -> Extreme:
    return next(
        Extreme(name)
        for name, pattern in EXTREMES.items()
        if re.fullmatch(pattern, word, _ANY_CASE)
    )


def _number(word: str | None) -> int | None:
    if not word:
        return None
    return int(word) if word.isdigit() else NUMBERS[word.lower()]


def _singular(core: str) -> bool:
    return bool(re.search(r"\b(?:is|was|has)\b", core, _ANY_CASE))


def _subject(words: str) -> str:
    return _unquoted(
        re.sub(
            r"^(?:the (?:topic|subject|question|idea|issue) of\s+)",
            "",
            words.strip(),
            flags=_ANY_CASE,
        )
    )


def _unquoted(words: str) -> str:
    return words.strip().strip("‘“'\"«»”’").strip(" ,.;:?!").strip("‘“'\"«»”’")
