"""What is said to the program and is no question to the posts: hello, thanks, help, who are you.

A line is such talk only where every part of it is; "thanks, and who wrote it?" asks something.
"""

from __future__ import annotations

import re
from enum import StrEnum


class SmallTalk(StrEnum):
    """What somebody does by saying something."""

    GREETING = "greeting"
    THANKS = "thanks"
    YES = "yes"
    NO = "no"
    HEARD = "heard"
    """ok, I see, great."""
    GOODBYE = "goodbye"
    HELP = "help"
    WHO = "who"
    """Who or what the program is."""
    MOOD = "mood"
    SORRY = "sorry"
    COMPLAINT = "complaint"


_FOR = r"(?: (?:so|very|ever so) much| a lot| a million| again| indeed| anyway| everyone| all| for (?:that|this|it|everything|all(?: of)?(?: that| this| it)?|(?:the|your|all the|all your) (?:help|answers?|information|info|time|quick answers?|quotes?|explanation)|helping(?: me)?|your time|answering))*"
_YOU = r"(?: there| again| everyone| all| everybody| folks| askscwru| bot| computer| friend| you| dear| sir| madam)*"
_PROGRAM = r"(?:you|askscwru|this (?:program|thing|tool|app|application|site|service|system|bot)|the (?:program|tool|app|system|bot))"
_FORMS: tuple[tuple[SmallTalk, str], ...] = (
    (
        SmallTalk.GREETING,
        rf"(?:hello+|hi+|hey+|hiya|howdy|greetings|good (?:morning|afternoon|evening|day)|morning|moin|hallo|bonjour|hola|yo|g'?day|welcome|nice to meet you){_YOU}",
    ),
    (
        SmallTalk.THANKS,
        rf"(?:many |much |very many |a thousand )?(?:thanks|thank (?:you|u|ya)|thx|tx|ty|tnx|cheers|ta|merci|danke|gracias|much obliged|i appreciate (?:it|that)|appreciated|much appreciated|that(?:'s| is) (?:very |really |so )?kind(?: of you)?){_FOR}",
    ),
    (
        SmallTalk.YES,
        r"(?:yes|yep|yeah|yup|ya|aye|sure|of course|certainly|definitely|correct|exactly|indeed|right|that(?:'s| is) (?:right|correct|it)|please do|go on|go ahead|continue|true)(?: please)?",
    ),
    (
        SmallTalk.NO,
        r"(?:no|nope|nah|never ?mind|not really|no thanks|no thank you|forget it|nothing(?: else)?|that(?:'s| is| was| will be) all(?: for now)?|stop|cancel)",
    ),
    (
        SmallTalk.HEARD,
        r"(?:ok(?:ay)?|k|kk|fine|good|great|perfect|excellent|brilliant|wonderful|awesome|cool|nice(?: one)?|super|lovely|amazing|fantastic|all right|alright|got it|i see|i understand|understood|noted|interesting|(?:that(?:'s| is) |this is |it(?:'s| is) |how |very |so |really )*(?:good|great|helpful|interesting|fine|nice|perfect|useful|clear|enough|cool|wonderful|brilliant)(?: to know| answer| enough)?|that (?:helps|helped)(?: a lot)?|well done|good (?:job|work|answer|bot)|makes sense|fair enough|wow|oh|ah|aha|hm+|um+|mhm|lol|haha+|ha|well|so|hmm+|test|testing|ping)",
    ),
    (
        SmallTalk.GOODBYE,
        r"(?:(?:good)?bye(?:[ -]bye)?|goodnight|good night|see (?:you|ya)(?: later| soon| tomorrow)?|farewell|ciao|cya|later|quit|exit|q|:q!?|:wq?|close|leave|logout|log out|end|until (?:later|tomorrow)|have a (?:nice|good|great|lovely) (?:day|evening|weekend|one|time|night))",
    ),
    (
        SmallTalk.HELP,
        rf"/?(?:help(?: me)?(?: please)?|\?|commands?|usage|manual|instructions|menu|options|examples?|show (?:me )?(?:some )?(?:help|examples?|commands)|i need help|man|how do i (?:start|begin)|where do i (?:start|begin)|get started|"
        rf"what (?:can|could|should|may|might|do) (?:i|we|one|you) (?:ask|do|say|type|know|answer|search(?: for)?)(?: (?:you|here|with {_PROGRAM}|now|about|for me|of you))*|"
        rf"what (?:kind|sort|type)s? of (?:questions?|things?) (?:can|could|do|may) (?:i|you|one|we) (?:ask|answer|understand)(?: you| here)?|what questions (?:can|could|may|do) (?:i|you|we|one) (?:ask|answer)(?: you| here)?|"
        rf"how (?:do|can|should|does) (?:i|one|you|we|{_PROGRAM}) (?:use|work|ask|search|start)(?: (?:{_PROGRAM}|it|this|here|questions?|something))*|what (?:are you|is {_PROGRAM}) (?:for|good for|able to do)|(?:can|could|will) you help(?: me)?(?: please)?|what now|now what|give me (?:an example|some examples|examples)|what (?:are|is) (?:the|your) commands?)",
    ),
    (
        SmallTalk.WHO,
        rf"(?:who|what) (?:are|r) (?:you|u)(?: exactly| really)?|what(?:'s| is) (?:your name|askscwru|{_PROGRAM})|who(?:'s| is)? (?:made|built|created|programmed|developed|owns|runs|designed|is behind|behind) {_PROGRAM}|"
        rf"are you (?:an? )?(?:(?:real )?(?:robot|bot|ai|a\.i\.|human|person|computer|chat ?bot|machine|chatgpt|gpt|llm|language model|program|artificial intelligence|real|alive))(?: or (?:an? )?\w+)?|do you (?:use|run on|have) (?:an? )?(?:ai|llm|gpt|chatgpt|language model|internet|the internet)|"
        rf"(?:tell me|say something) about yourself|introduce yourself|what do you do|do you (?:learn|understand(?: me)?|think)|where do (?:you|your answers) come from|which (?:model|version) are you|what (?:model|version) (?:are you|is this|do you use)",
    ),
    (
        SmallTalk.MOOD,
        rf"(?:how (?:are|r) (?:you|u|things)(?: doing| today| going)*|how(?:'s| is) it going|how do you do|what(?:'s| is) up|sup|are you (?:there|ok|okay|awake|well|fine)|anybody (?:there|home)|is (?:anyone|anybody|someone) there|(?:tell me a |do you know (?:a|any) )jokes?|i (?:love|like|hate) {_PROGRAM})",
    ),
    (
        SmallTalk.SORRY,
        r"(?:(?:i(?:'m| am) )?(?:so |very )?sorry|excuse me|pardon(?: me)?|my (?:bad|mistake|fault)|apologies|oops|whoops)(?: about that| for that)?",
    ),
    (
        SmallTalk.COMPLAINT,
        r"(?:that(?:'s| is| was)|this is|it(?:'s| is)|you(?:'re| are)|(?:the|your) answer (?:is|was)) (?:not |totally |completely |just |simply |plain )*(?:wrong|false|incorrect|nonsense|rubbish|stupid|useless|bad|not (?:right|true|helpful|what i (?:asked|meant|wanted))|what i (?:asked|meant|wanted)|helpful|right|correct|true)|wrong(?: answer)?|bad (?:answer|bot)|i don'?t (?:understand|get it|know)|you don'?t understand(?: me)?|huh|what|nonsense|rubbish|wtf|damn|fuck(?: you| off)?|shut up|idiot|stupid",
    ),
)
_COMPILED = tuple((talk, re.compile(form, re.IGNORECASE)) for talk, form in _FORMS)
_AT_FIRST = re.compile(
    r"(?:what(?:'s| is) (?:this|it)|how (?:does|do) (?:this|it) work|how do (?:i|you|we) use (?:this|it)|"
    r"who (?:made|built|created) (?:this|it)|is (?:this|it) (?:an? )?(?:ai|bot|robot|chatgpt|llm)|"
    r"what (?:can|does) (?:this|it) do)[\s?!.]*",
    re.IGNORECASE,
)
"""What is said of the program where nothing was asked before; later on, "it" is something else."""
_BETWEEN = re.compile(
    r"[\s,.!?;:)(…–—*_\"'“”-]*(?:\b(?:and|but|then|so|please)\b[\s,.!]*)*",
    re.IGNORECASE,
)
_LONGEST = 120
_RANK = (
    SmallTalk.HELP,
    SmallTalk.WHO,
    SmallTalk.COMPLAINT,
    SmallTalk.GOODBYE,
    SmallTalk.THANKS,
    SmallTalk.MOOD,
    SmallTalk.SORRY,
    SmallTalk.GREETING,
    SmallTalk.NO,
    SmallTalk.YES,
    SmallTalk.HEARD,
)


def small_talk(text: str, *, first: bool) -> SmallTalk | None:
    """What somebody does by saying this; None where any part of it asks something.

    Args:
        text: what was said.
        first: whether nothing was said before it.
    """
    plain = text.replace("’", "'").replace("‘", "'").strip()
    if len(plain) > _LONGEST:
        return None
    if plain.strip(" ?") == "" and "?" in plain:
        return SmallTalk.HELP
    if first and _AT_FIRST.fullmatch(plain):
        return SmallTalk.WHO
    found: set[SmallTalk] = set()
    at = _skip(plain, 0)
    while at < len(plain):
        longest = _longest(plain, at)
        if longest is None:
            return None
        end, talk = longest
        found.add(talk)
        at = _skip(plain, end)
    return next((talk for talk in _RANK if talk in found), None)


def _longest(plain: str, at: int) -> tuple[int, SmallTalk] | None:
    """The end of the longest piece of small talk that opens there, and what it is."""
    best: tuple[int, SmallTalk] | None = None
    for talk, form in _COMPILED:
        match = form.match(plain, at)
        end = match.end() if match else at
        whole = end == len(plain) or not (plain[end].isalnum() and plain[end - 1].isalnum())
        if end > at and whole and (best is None or end > best[0]):
            best = (end, talk)
    return best


def _skip(text: str, at: int) -> int:
    match = _BETWEEN.match(text, at)
    return at if match is None else match.end()


_WHAT_IT_DOES = "It answers questions on the posts with their own sentences, word for word, and says so where they do not say."
_SAYINGS = {
    SmallTalk.GREETING: "Hello. Ask the posts something.",
    SmallTalk.THANKS: "You are welcome.",
    SmallTalk.YES: "That is no question to the posts, so nothing was searched for. Ask it in full.",
    SmallTalk.NO: "Nothing was searched for. Ask something else whenever you like.",
    SmallTalk.HEARD: "Good. Nothing was searched for: that is no question to the posts.",
    SmallTalk.GOODBYE: "Goodbye. Ctrl+Q leaves the full screen, an empty line the line prompt.",
    SmallTalk.HELP: f"Type a question and press Enter. {_WHAT_IT_DOES} It also lists, counts and compares posts.",
    SmallTalk.WHO: (
        f"This is askscwru, a program that runs on this machine alone, without a language model. {_WHAT_IT_DOES}"
    ),
    SmallTalk.MOOD: "This is a program, and it is well. Ask the posts something.",
    SmallTalk.SORRY: "No harm done. Ask the posts something.",
    SmallTalk.COMPLAINT: (
        "That may be. Nothing was searched for: say it as a question, with the name of what you mean, and it is looked for again."
    ),
}


def saying(talk: SmallTalk) -> str:
    """What the program says to it, in its own words."""
    return _SAYINGS[talk]
