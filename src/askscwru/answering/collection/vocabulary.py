"""The words by which people ask of posts: what they call them, and what is done with them."""

from __future__ import annotations

POST = r"(?:blog[ -]?posts?|posts?|articles?|pieces?|entr(?:y|ies)|essays?|blogs?|postings?)"
POSTS = r"(?:blog[ -]?posts|posts|articles|pieces|entries|essays|blogs|postings)"
SURE_POST = r"(?:blog[ -]?posts?|posts?|articles?|entr(?:y|ies)|essays?|postings?)"
WRITER = r"(?:authors?|writers?|bloggers?|contributors?|columnists?)"
WRITE = (
    r"(?:wr(?:ite|ites|ote|itten)|author(?:s|ed)?|blog(?:s|ged)?|publish(?:es|ed)?|"
    r"contribut(?:e|es|ed)|co-?wr(?:ite|ote|itten)|co-?author(?:ed)?|post(?:s|ed)?|done|produced?|"
    r"responsible for|behind)"
)
WRITTEN = r"(?:written|authored|published|posted|co-?written|co-?authored|contributed|penned)"
HERE = (
    r"(?:here|there|in here|(?:in|on|for|from|across|of) (?:the|this|these|your|our|my|that) (?:whole |entire )?"
    r"(?:collection|corpus|index|archive|database|set|library|blogs?|site|website|posts?|sources?|"
    r"data ?set|feed))"
)
FILLER = (
    rf"(?:{HERE}|are|is|were|was|be|been|being|do|does|did|have|has|had|exists?|you|we|i|they|"
    r"know|known|knows|hold|holds|got|get|indexed|index|collected|contain|contained|contains|included|"
    r"include|comprise|available|stored|loaded|in total|total|altogether|overall|all in all|in all|"
    r"all told|together|so far|to date|can|could|may|read|see|find|ask|search|searched|cover|covered|"
    r"that|which|of them|all|any|to|at the moment|right now|now|currently|at all|by you|with you|"
    r"exactly|roughly|for me|to me|me|please|again|made up of|there)"
)
EXTREMES = {
    "newest": r"(?:newest|latest|most[ -]recent(?:ly)?|last|freshest|recentest)",
    "oldest": r"(?:oldest|earliest|first|very first)",
    "longest": r"(?:longest|lengthiest|biggest|largest|most words)",
    "shortest": r"(?:shortest|briefest|smallest|fewest words)",
}
EXTREME = "(?:" + "|".join(EXTREMES.values()) + ")"
NUMBERS = {
    word: number
    for number, word in enumerate(
        "one two three four five six seven eight nine ten eleven twelve".split(), start=1
    )
}
NUMBER = r"(?:\d{1,3}|" + "|".join(NUMBERS) + ")"
_SOME = (
    r"(?:all(?: of)?|any|every|each|the|these|those|some(?: of)?|other|more|further|different|total|"
    r"such|of|an?|main|your|our|their|his|her|own|blog|various|individual|single|many)"
)
MANY = rf"(?:(?:{_SOME})\s+)*"
ASK = (
    r"(?:which|what|whose|list(?: out)?|show|give|name|display|enumerate|find|tell|get|print|see|"
    r"look up|search for|look for|are there|is there|have you(?: got)?|do (?:you|we) (?:have|know(?: of)?|hold|index)|"
    r"(?:what(?:'s| is| are| was| were)|which (?:is|are|was|were))|has|have|all|any|every|the|let me see|i want|"
    r"i(?:'d| would) like(?: to (?:see|read))?|i(?:'m| am) (?:looking for|interested in)|give me(?: a list of)?|"
    r"a list of|list of|the titles? of|titles? of|the names? of|names? of|links? to|overview of|an overview of)"
)
ASKS = rf"(?:{ASK}(?:\s+(?:me|us|out|for|all|a list of|the titles of|the names of|up))*\s+)+"
COUNT = (
    r"(?:how many|(?:what(?:'s| is| are)\s+)?(?:the )?(?:total |exact |whole )?(?:number|count|amount|quantity) of|"
    r"count(?: up)?(?: of)?|how much)"
)
