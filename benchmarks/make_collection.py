"""Makes ``eval/collection.jsonl``: questions on collections, with the truth from their records.

    python -m benchmarks.make_collection digitalgov_news.zip

The questions on the seeds are made from what ``askscwru posts --json`` tells and from their text;
those on digital.gov's news from the front matter of every sixth file of its archive, read here by a
YAML parser of its own and never by the program's. What a post is about cannot be told by a script:
those items were written by hand, below. ``tune`` and ``report`` ask in different words.
"""

from __future__ import annotations

import html
import itertools
import json
import random
import re
import sys
import zipfile
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from askscwru.index.generation import Index
from askscwru.settings import Settings

OUT = Path("eval/collection.jsonl")
EVERY = 6
Item = dict[str, Any]

BY = {
    "tune": (
        "Which posts did {} write?", "posts by {}", "What has {} written?",
        "List everything by {}.", "Show me {}'s posts", "which articles are by {}",
    ),
    "report": (
        "What did {} write?", "Give me a list of the posts by {}", "Are there any posts by {}?",
        "All blog posts written by {}, please", "Which entries has {} published?",
        "can you find the posts {} wrote",
    ),
}  # fmt: skip
HOW_MANY_BY = {
    "tune": ("How many posts did {} write?", "How many articles are by {}?", "number of posts by {}"),
    "report": (
        "How many blog posts has {} written?", "How many posts are there by {}?",
        "What is the total number of posts by {}?",
    ),
}  # fmt: skip
MENTION = {
    "tune": ("Which posts mention {}?", "posts that mention {}", "In which posts is {} mentioned?"),
    "report": (
        "List all posts that refer to {}.", "Which articles contain the words “{}”?",
        "show me every post mentioning {}",
    ),
}  # fmt: skip
HOW_MANY_MENTION = {
    "tune": ("How many posts mention {}?", "In how many posts is {} mentioned?"),
    "report": ("How many of the posts mention {}?", "how many articles refer to {}"),
}
FROM = {
    "tune": (
        "Which posts are from {}?", "posts published in {}", "What was published in {}?",
        "List the posts of {}.",
    ),
    "report": (
        "Show me all posts written in {}", "Which articles appeared in {}?",
        "Are there posts from {}?", "In {}, which posts were published?",
    ),
}  # fmt: skip
HOW_MANY_FROM = {
    "tune": ("How many posts are from {}?", "How many posts were published in {}?"),
    "report": ("how many articles were written in {}", "In {}, how many posts were published?"),
}
SPANS = {
    "tune": (
        ("Which posts were published between {} and {}?", "between"),
        ("posts since {}", "since"), ("posts before {}", "before"),
    ),
    "report": (
        ("Show me posts from {} to {}", "between"),
        ("Which posts were written after {}?", "after"),
        ("List the articles published before {}.", "before"),
    ),
}  # fmt: skip
TAGGED = {
    "tune": ("Which posts are tagged {}?", "posts in the category {}"),
    "report": ("List the posts filed under {}.", "How many posts are tagged with {}?"),
}
WHO = {
    "tune": ("Who wrote {}?", "Who is the author of “{}”?", "By whom is “{}” written?"),
    "report": (
        "Who are the authors of “{}”?", "who wrote the post called {}", "Who has written “{}”?",
        "author of {}",
    ),
}  # fmt: skip
WHEN = {
    "tune": ("When was {} published?", "What is the date of “{}”?"),
    "report": (
        "On what date was “{}” posted?", "when did {} come out", "In which year was {} written?",
    ),
}  # fmt: skip
REPLIES = {
    "tune": (
        "hello", "Thanks!", "thank you very much", "ok", "yes", "help", "what can I ask?",
        "who made you?", "quit", "hi, how are you?", "good morning", "great, thanks a lot", "no",
    ),
    "report": (
        "hey there", "Many thanks for your help.", "cheers", "okay, got it", "no thanks", "bye",
        "How do I use this program?", "Are you an AI?", "who are you", "what can you do for me?",
        "good evening!", "that's all for now", "well done",
    ),
}  # fmt: skip
PLAIN = (
    "How many people use it?", "How many posts did the council cut last year?",
    "How many teaching posts were vacant?", "Which articles of the treaty deal with fishing?",
    "How many articles did the review include?", "Which posts were advertised by the hospital?",
    "When was the Care Act published?", "Who wrote the report on winter pressures?",
    "How long is the waiting list?", "When was the second edition of the guide published?",
    "Who published the first study?", "What is the newest method?", "What was the first result?",
    "How many authors signed the letter?", "Which authors does she quote on power?",
    "How many pieces of legislation were passed?", "Who writes the care plan?",
    "What do carers say about respite?", "What do people with dementia think of the walk?",
    "How many blog readers answered the survey?", "Which categories of staff are hard to find?",
    "How many topics were discussed at the workshop?", "What tags do the birds wear?",
    "Which subjects did the participants choose?", "What is the oldest part of the building?",
    "How many entries did the competition have?", "Who wrote to the minister?",
    "When did the project start?", "How many letters did he write?", "What did the minister write to her?",
    "What did the committee publish in 2014?", "Which pieces of advice were most helpful?",
    "How long did the pilot last?", "What are the aims of the blog?", "Which post did she apply for?",
    "How many posts were lost at the hospital?", "Who posted the parcel?", "What is her post at the university?",
    "How many fence posts were painted?", "Where are the posts of the gate set?",
    "Which essays by students won prizes?", "How many words can the parrot say?",
    "What has been written into the contract?", "Who contributed to the fund?",
    "How many people contributed to the book?", "How many people wrote to the council?",
    "When was the law written?", "What was the last thing he said?", "What does the newest evidence show?",
    "How many contributors paid into the scheme?", "Which writers influenced her?",
    "What is the longest wait?", "Who is the oldest member?", "Which is the shortest route?",
    "What is the difference between a post and a beam?", "Are posts filled quickly?",
    "How do articles get accepted by the journal?", "What happened in 2014?", "Who was born in 1950?",
    "How much did the post cost?",
)  # fmt: skip


@dataclass(frozen=True)
class Known:
    """What the records say of one post."""

    key: str
    title: str | None
    authors: tuple[str, ...]
    published: str | None
    labels: tuple[str, ...]
    blog: str | None
    words: int | None
    text: str


class Maker:
    """Collects items; every other one of a kind is for reporting."""

    def __init__(self, corpus: str, posts: Sequence[Known]) -> None:
        self.corpus = corpus
        self.posts = posts
        self.items: list[Item] = []
        self._random = random.Random(17)

    def add(self, kind: str, question: str, split: str, expected: str, **facts: Any) -> None:
        """One item."""
        number = len(self.items) + 1
        self.items.append(
            {
                "id": f"{self.corpus[:2]}-{number:03}",
                "split": split,
                "corpus": self.corpus,
                "kind": kind,
                "question": question,
                "expected": {"kind": expected, **facts},
            }
        )

    def ask(
        self,
        kind: str,
        forms: dict[str, Sequence[str]],
        subjects: Iterable[tuple[str, Sequence[str]]],
        *,
        count: bool = False,
    ) -> None:
        """A list (or a count) for each subject, in one wording of either half by turns."""
        for at, (subject, posts) in enumerate(subjects):
            split = ("tune", "report")[at % 2]
            form = self._random.choice(forms[split])
            only_count = count or form.lower().startswith(("how many", "number of"))
            facts: dict[str, Any] = {"total": len(posts)}
            if not only_count:
                facts["posts"] = list(posts)
            self.add(kind, form.format(subject), split, "list", **facts)

    def keys(self, wanted: Callable[[Known], bool]) -> list[str]:
        """The posts for which something holds."""
        return [post.key for post in self.posts if wanted(post)]


def common(make: Maker) -> None:
    """What can be asked of any collection."""
    total = len(make.posts)
    for split, questions in {
        "tune": ("How many posts are there?", "how many articles do you have"),
        "report": ("What is the number of posts?", "How many blog posts are in the collection?"),
    }.items():
        for question in questions:
            make.add("count", question, split, "list", total=total)
    authors = len({author for post in make.posts for author in post.authors})
    make.add("authors", "How many authors are there?", "tune", "list", total=authors)
    make.add("authors", "Who writes here?", "tune", "list", total=authors)
    make.add("authors", "List all authors", "report", "list", total=authors)
    make.add("authors", "Who are the authors of these posts?", "report", "list", total=authors)
    for split, questions in {
        "tune": ("What are these posts about?", "What is in this collection?"),
        "report": ("Tell me about this collection", "What kind of posts are these?"),
    }.items():
        for question in questions:
            make.add("collection", question, split, "list", total=total)
    for split, replies in REPLIES.items():
        for reply in replies:
            make.add("reply", reply, split, "reply")
    for at, question in enumerate(PLAIN):
        make.add("plain", question, ("tune", "report")[at % 2], "plain")
    for name in ("Jane Quillfeather", "Bo Zarrow"):
        make.add("list", f"Which posts did {name} write?", "report", "list", total=0, posts=[])
        make.add("count", f"How many posts are by {name}?", "tune", "list", total=0)


def by_author(make: Maker, most: int) -> None:
    """Lists and counts of what somebody wrote."""
    of: dict[str, list[str]] = defaultdict(list)
    for post in make.posts:
        for author in post.authors:
            of[author].append(post.key)
    ranked = sorted(of.items(), key=lambda pair: (-len(pair[1]), pair[0]))[:most]
    make.ask("list", BY, ranked)
    make.ask("list", {"tune": BY["report"], "report": BY["tune"]}, ranked)
    make.ask("count", HOW_MANY_BY, ranked, count=True)
    best = [name for name, posts in ranked if len(posts) == len(ranked[0][1])]
    for split, question in (
        ("tune", "Who has written the most posts?"),
        ("report", "Which author wrote the most?"),
    ):
        make.add("authors", question, split, "list", total=len(best), says=best[:1])


def mentions(make: Maker, words: Sequence[str]) -> None:
    """Lists and counts of the posts whose title or text has a word."""
    found = []
    for word in words:
        form = re.compile(rf"(?<!\w){re.escape(word)}(?:['’]s|s)?(?!\w)", re.IGNORECASE)
        found.append((word, make.keys(lambda p: bool(form.search(f"{p.title or ''} {p.text}")))))  # noqa: B023
    make.ask("mention", MENTION, found)
    make.ask("mention", HOW_MANY_MENTION, found, count=True)


def facts(make: Maker, posts: Sequence[Known]) -> None:
    """Who wrote a post, and when."""
    months = "January February March April May June July August September October November December".split()
    for at, post in enumerate(posts):
        split = ("tune", "report")[at % 2]
        title = post.title or ""
        who = WHO[split][at % len(WHO[split])].format(title)
        if post.authors:
            make.add("fact", who, split, "fact", says=list(post.authors))
        when = WHEN[split][at % len(WHEN[split])].format(title)
        if post.published is None:
            make.add("unknown", when, split, "abstention", says=["not known"])
        else:
            year, month, day = post.published.split("-")
            make.add(
                "fact", when, split, "fact", says=[f"{int(day)} {months[int(month) - 1]} {year}"]
            )


def dates(make: Maker) -> None:
    """Lists, counts and ends of time."""
    dated = [post for post in make.posts if post.published]
    years = sorted({(post.published or "")[:4] for post in dated})
    per = [(year, make.keys(lambda p, y=year: (p.published or "").startswith(y))) for year in years]
    make.ask("date", FROM, per)
    make.ask("date", {"tune": FROM["report"], "report": FROM["tune"]}, per)
    make.ask("date", HOW_MANY_FROM, per, count=True)
    months = Counter((post.published or "")[:7] for post in dated).most_common(12)
    names = "January February March April May June July August September October November December".split()
    by_month = [
        (
            f"{names[int(month[5:]) - 1]} {month[:4]}",
            make.keys(lambda p, m=month: (p.published or "").startswith(m)),
        )
        for month, _ in months
    ]
    make.ask("date", FROM, by_month)
    for at, (one, other) in enumerate(zip(years, years[2:], strict=False)):
        split = ("tune", "report")[at % 2]
        for form, what in SPANS[split]:
            posts = make.keys(lambda p, w=what, a=one, b=other: _in(p, w, a, b))  # type: ignore[misc]
            question = form.format(one, other) if form.count("{}") == 2 else form.format(other)
            make.add("date", question, split, "list", total=len(posts), posts=posts)
    newest = max(dated, key=lambda p: p.published or "")
    oldest = min(dated, key=lambda p: p.published or "")
    for split, question, post in (
        ("tune", "What is the newest post?", newest), ("report", "Which post is the latest?", newest),
        ("report", "the most recent article", newest), ("tune", "What is the oldest post?", oldest),
        ("report", "Which was the first post?", oldest), ("tune", "Show me the earliest post", oldest),
    ):  # fmt: skip
        same = make.keys(lambda p, d=post.published: p.published == d)
        make.add("extreme", question, split, "list", posts=same, total=len(same))


def _in(post: Known, what: str, one: str, other: str) -> bool:
    year = (post.published or "")[:4]
    if not year:
        return False
    if what == "between":
        return one <= year <= other
    if what == "since":
        return year >= other
    return year > other if what == "after" else year < other


def labels(make: Maker, most: int) -> None:
    """Lists by category and tag."""
    count = Counter(label for post in make.posts for label in set(post.labels))
    per = [
        (label, make.keys(lambda p, x=label: x in p.labels)) for label, _ in count.most_common(most)
    ]
    make.ask("label", TAGGED, per)


# -- the seeds -------------------------------------------------------------------------------------


def seeds() -> list[Item]:
    """The questions on the pages in ``seeds/``."""
    settings = Settings()
    index = Index.open(settings.embeddings, settings)
    posts = []
    for post in index.posts():
        rows = index.rows_for([post.id])
        text = " ".join(p.text for p in index.passages(rows) if p.kind == "body")
        words = post.word_count or (post.known_words if post.complete else None)
        posts.append(
            Known(post.id, post.title, post.authors, post.published, (), post.blog, words, text)
        )
    index.close()
    make = Maker("seeds", posts)
    common(make)
    by_author(make, 9)
    surnames = [(n.split()[-1], make.keys(lambda p, n=n: n in p.authors)) for n in sorted({a for p in posts for a in p.authors}) if n.split()[0] != "Alex"]  # fmt: skip
    make.ask("list", BY, surnames)
    blogs = sorted({post.blog for post in posts if post.blog})
    for at, blog in enumerate(blogs):
        keys = make.keys(lambda p, b=blog: p.blog == b)
        for split, form in (
            ("tune", "Which posts are on the {}?"),
            ("report", "How many posts are from the {}?"),
        ):
            facts_ = (
                {"total": len(keys)}
                if form.startswith("How")
                else {"total": len(keys), "posts": keys}
            )
            make.add("list" if at else "count", form.format(blog), split, "list", **facts_)
    mentions(make, (
        "Finland", "Helsinki", "Edward", "Department of Health", "dementia", "King’s College London", "NHS",
        "direct payments", "Care Act", "mental health", "safeguarding", "Southampton", "evidence base", "housing",
    ))  # fmt: skip
    facts(make, [post for post in posts if post.title])
    places(make, [post for post in posts if post.title])
    lengths(make)
    undated(make)
    about_seeds(make)
    views_seeds(make)
    return make.items


def places(make: Maker, posts: Sequence[Known]) -> None:
    """On which blog a post stands, and how much of it is known."""
    for at, post in enumerate(posts):
        split = ("tune", "report")[at % 2]
        where = ("Which blog is “{}” on?", "On which blog was “{}” published?")[at % 2]
        make.add("fact", where.format(post.title), split, "fact", says=[post.blog])
        whole = ("Is “{}” here in full?", "Do you have the whole of “{}”?")[at % 2]
        make.add("fact", whole.format(post.title), split, "fact")


def lengths(make: Maker) -> None:
    """The longest and the shortest."""
    known = [post for post in make.posts if post.words]
    longest = max(known, key=lambda p: p.words or 0)
    shortest = min(known, key=lambda p: p.words or 0)
    for split, question, post in (
        ("tune", "Which post is the longest?", longest), ("report", "What is the longest post?", longest),
        ("tune", "the shortest article", shortest), ("report", "Which is the shortest post?", shortest),
    ):  # fmt: skip
        make.add("extreme", question, split, "list", total=1, posts=[post.key])


def undated(make: Maker) -> None:
    """What cannot be told where nothing has a date."""
    for at, question in enumerate((
        "What is the newest post?", "Which post is the oldest?", "Which posts are from 2014?", "posts since 2015",
        "How many posts were published in 2013?", "the latest article", "When were these posts written?",
        "Which posts were written before 2012?", "What is the most recent post by Martin Stevens?",
        "Which posts by John Woolham are from 2016?", "What was published between 2010 and 2014?", "what's new?",
    )):  # fmt: skip
        make.add("unknown", question, ("tune", "report")[at % 2], "abstention", says=["date"])


def about_seeds(make: Maker) -> None:
    """By hand: which of the posts are about something (their titles begin so)."""
    for at, (topic, starts) in enumerate((
        ("Finland", ["Personal budgets in Finland"]),
        ("Shared Lives", ["Shared Lives"]),
        ("learning disabilities", ["Supporting parents"]),
        ("recording in social work", ["Should recording"]),
        ("safeguarding", ["Risk, Safeguarding"]),
        ("health humanities", ["At the 7th"]),
        ("activation policy", ["Are direct payments"]),
        ("integration of health and social care", ["Where next", "Get social care right"]),
        ("the social care workforce", ["Imagining the future"]),
        ("conducting research", ["Risks and barriers"]),
    )):  # fmt: skip
        keys = make.keys(lambda p, s=tuple(starts): (p.title or "").startswith(s))
        form = ("Which posts are about {}?", "Is there anything about {} here?")[at % 2]
        make.add("about", form.format(topic), ("tune", "report")[at % 2], "list", posts=keys)


SUBJECTS = (
    "personal budgets", "direct payments", "personalisation", "social workers", "older people", "carers",
    "choice", "evidence", "research", "mental health", "local authorities", "the NHS", "risk", "safeguarding",
    "support", "outcomes", "integration", "recording", "learning disabilities", "policy",
)  # fmt: skip


def views_seeds(make: Maker) -> None:
    """What several posts say, comparisons and central sentences."""
    forms = {
        "tune": ("What do the posts say about {}?", "What do the authors think about {}?"),
        "report": ("What is said about {} here?", "Which views on {} are there?"),
    }
    for at, subject in enumerate(SUBJECTS):
        split = ("tune", "report")[at % 2]
        form = forms[split][(at // 2) % 2]
        if form.startswith("Which"):
            form = "What are the views on {}?"
        make.add("views", form.format(subject), split, "views")
    pairs = list(itertools.pairwise(SUBJECTS))[:6]
    for at, (one, other) in enumerate(pairs):
        form = ("Compare {} and {}", "How do {} compare with {}?")[at % 2]
        make.add("compare", form.format(one, other), ("tune", "report")[at % 2], "views")
    for at, post in enumerate([post for post in make.posts if post.title][:12]):
        form = ("Summarise “{}”", "Give me a summary of {}")[at % 2]
        make.add("summary", form.format(post.title), ("tune", "report")[at % 2], "views")


# -- digital.gov -----------------------------------------------------------------------------------


def digitalgov(archive: Path) -> list[Item]:
    """The questions on every sixth news item of digital.gov, by the name of its file."""
    posts = []
    with zipfile.ZipFile(archive) as opened:
        for name in sorted(opened.namelist())[::EVERY]:
            post = _front(Path(name).name, opened.read(name).decode("utf-8", "replace"))
            if len(post.text.strip()) > 1:  # the others only point to another site: no post here
                posts.append(post)
    make = Maker("digitalgov", posts)
    common(make)
    by_author(make, 20)
    dates(make)
    labels(make, 24)
    plain = [
        post for post in posts
        if post.title and re.fullmatch(r"[A-Z][\w ’',:?-]{18,80}", post.title) and _alone(post, posts)
    ]  # fmt: skip
    facts(make, plain[::4][:30])
    return make.items


def _alone(post: Known, posts: Sequence[Known]) -> bool:
    """Whether no other title begins alike: those are asked of by their whole title elsewhere."""
    start = (post.title or "")[:12]
    return sum((other.title or "").startswith(start) for other in posts) == 1


def _front(key: str, text: str) -> Known:
    _, block, body = text.split("---", 2)
    read = yaml.safe_load(block)
    authors = tuple(read.get("authors") or ())
    title = html.unescape(str(read.get("title") or "")) or None
    day = str(read["date"])[:10] if read.get("date") else None
    return Known(key, title, authors, day, tuple(read.get("topics") or ()), None, None, body)


def main(arguments: Sequence[str]) -> None:
    """Writes the set."""
    items = [*seeds(), *digitalgov(Path(arguments[0]))]
    with OUT.open("w", encoding="utf-8") as file:
        for item in items:
            file.write(json.dumps(item, ensure_ascii=False) + "\n")
    counts = Counter((item["corpus"], item["split"]) for item in items)
    print(len(items), dict(counts))


if __name__ == "__main__":
    main(sys.argv[1:])
