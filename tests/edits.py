"""What happens to a folder of posts, at random, and what two indexes of it must have in common."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import zipfile
from collections.abc import Callable, Collection, Sequence
from contextlib import closing, suppress
from pathlib import Path

import numpy as np

from askscwru.index.encoder import Encoder
from askscwru.index.generation import Index
from askscwru.index.records import RECORDS
from askscwru.settings import Settings

WORDS = (
    "mill tide lock ferry oak rye grain wheel water gate stone keeper sluice barge quay salt"
    " store river bank bridge rope sail flour sack cart horse barn field road inn market"
).split()
NAMES = ("Ida Marsh", "Bo Crane", "Ada Ember")
TITLES = ("The tide mill", "The tide mills", "A ferry in 1911", "A ferry in 1912", "Notes")


def sentence(rng: random.Random) -> str:
    """A few words; now and then a figure, which tells posts of a series apart."""
    words = rng.choices(WORDS, k=rng.randint(6, 12))
    if rng.random() < 0.2:
        words.insert(rng.randrange(1, 6), str(rng.randrange(1900, 1930)))
    return " ".join(words).capitalize() + "."


def body(rng: random.Random, least: int = 1) -> str:
    """Some paragraphs."""
    return "\n\n".join(
        " ".join(sentence(rng) for _ in range(rng.randint(1, 4)))
        for _ in range(rng.randint(least, least + 3))
    )


def endless(rng: random.Random) -> str:
    """A sentence that is longer than any passage."""
    return " ".join(rng.choices(WORDS, k=400)).capitalize() + "."


def markdown(title: str | None, author: str | None, text: str, url: str | None = None) -> str:
    """A post with its front matter."""
    facts = {"title": title, "author": author, "url": url}
    told = "\n".join(f"{name}: {json.dumps(value)}" for name, value in facts.items() if value)
    return f"---\n{told}\n---\n\n{text}\n"


def write(path: Path, title: str | None, author: str, text: str, url: str | None = None) -> None:
    """Writes a post."""
    path.write_text(markdown(title, author, text, url))


def html(text: str) -> str:
    """Paragraphs of a page."""
    return "".join(f"<p>{part}</p>" for part in text.split("\n\n"))


def feed(path: Path, posts: Sequence[tuple[str, str]]) -> None:
    """Several posts in one file, under addresses of their own."""
    items = [
        {
            "id": str(at),
            "url": address(title),
            "title": title,
            "content_text": text,
            "content_html": html(text),
        }
        for at, (title, text) in enumerate(posts)
    ]
    told = {"version": "https://jsonfeed.org/version/1.1", "title": "The mill", "items": items}
    path.write_text(json.dumps(told))


def rss(path: Path, posts: Sequence[tuple[str, str]]) -> None:
    """The same as RSS."""
    items = "".join(
        f"<item><title>{title}</title><link>{address(title)}</link>"
        f"<description><![CDATA[{html(text)}]]></description></item>"
        for title, text in posts
    )
    path.write_text(
        '<?xml version="1.0"?><rss version="2.0"><channel><title>The mill</title>'
        f"{items}</channel></rss>"
    )


def page(path: Path, title: str, text: str) -> None:
    """A post as a saved page, which says where it is from."""
    path.write_text(
        f'<html><head><title>{title}</title><link rel="canonical" href="{address(title)}"></head>'
        f"<body><article><h1>{title}</h1>{html(text)}</article></body></html>"
    )


def address(title: str) -> str:
    """Where a post of a title is."""
    return f"https://mill.example/{'-'.join(title.lower().strip('.').split())}"


class Folder:
    """A folder of posts to which something happens."""

    def __init__(self, seeds: Path, rng: random.Random) -> None:
        self.seeds, self.rng = seeds, rng
        seeds.mkdir(parents=True, exist_ok=True)

    def fill(self, posts: int) -> None:
        """Some posts to begin with."""
        for at in range(posts):
            self._write(f"p{at:03}.md", self.title(), body(self.rng))

    def happen(self, *kinds: Callable[[Folder], None]) -> str:
        """One of the things that happen, or of those that are given; its name."""
        what = self.rng.choice(kinds or EDITS)
        what(self)
        return what.__name__

    # -- what is there ---------------------------------------------------------------------------

    def files(self) -> list[Path]:
        """Every Markdown file."""
        return sorted(path for path in self.seeds.rglob("*.md") if path.is_file())

    def one(self) -> Path:
        """Any of them; there is always one."""
        if not self.files():
            self._write("p000.md", self.title(), body(self.rng))
        return self.rng.choice(self.files())

    def text(self, path: Path) -> str:
        """What stands below the front matter."""
        return path.read_text().split("---\n\n", 1)[-1].strip()

    def title(self) -> str:
        """One of a few, or one of its own."""
        own = self.rng.random() < 0.7
        return sentence(self.rng)[:30].strip() if own else self.rng.choice(TITLES)

    def title_of(self, path: Path) -> str:
        """That of a post, if it has one."""
        told = path.read_text().split("title: ", 1)
        return json.loads(told[1].split("\n")[0]) if len(told) == 2 else "Untold"

    def _write(self, name: str, title: str | None, text: str, url: str | None = None) -> None:
        write(self.seeds / name, title, self.rng.choice(NAMES), text, url)

    def _name(self, letter: str, end: str = "md") -> str:
        folder = self.rng.choice(("", "", "", "a/", "z/"))
        (self.seeds / folder).mkdir(exist_ok=True)
        return f"{folder}{letter}{self.rng.randrange(90):02}.{end}"

    # -- what happens ----------------------------------------------------------------------------

    def delete(self) -> None:
        """A post is taken away, with whatever links to it."""
        if len(self.files()) > 2:
            self.one().unlink()
            for path in self.seeds.rglob("*"):
                if not path.exists():  # one that leads to nothing is out of reach, and not gone
                    path.unlink()

    def add(self) -> None:
        """A post comes."""
        url = address(sentence(self.rng)) if self.rng.random() < 0.3 else None
        self._write(self._name("n"), self.title(), body(self.rng), url)

    def copy(self) -> None:
        """A copy comes, perhaps an opening, perhaps without its title."""
        path = self.one()
        text = self.text(path)
        cut = text if self.rng.random() < 0.5 else text[: len(text) * 2 // 3]
        title = self.rng.choice([None, self.rng.choice(TITLES), self.title_of(path)])
        self._write(self._name("c"), title, cut)

    def resemble(self) -> None:
        """A post comes that shares much of its text with another."""
        path = self.one()
        text = self.text(path)
        while len(text.split()) < 70:
            text += f"\n\n{body(self.rng, 2)}"
        self._write(path.relative_to(self.seeds).as_posix(), self.title_of(path), text)
        parts = text.split("\n\n")
        own = parts[: max(1, len(parts) * 2 // 3)]
        self._write(self._name("r"), self.title(), "\n\n".join([*own, body(self.rng)]))

    def rename(self) -> None:
        """A file has another name."""
        path = self.one()
        to = self.seeds / self._name("m")
        path.rename(to)
        for other in self.seeds.rglob("*"):
            if not other.exists():
                other.unlink()
                other.symlink_to(to.resolve())

    def touch(self) -> None:
        """A file has another time, and nothing else."""
        path = self.one()
        os.utime(path, (self.rng.randrange(10**9), self.rng.randrange(10**9)))

    def append(self) -> None:
        """A post grows."""
        with self.one().open("a") as file:
            file.write(f"\n{body(self.rng)}\n")

    def replace(self) -> None:
        """A word is another."""
        path = self.one()
        path.write_text(path.read_text().replace(self.rng.choice(WORDS), "otter", 1))

    def retitle(self) -> None:
        """A post has another title."""
        path = self.one()
        name = path.relative_to(self.seeds).as_posix()
        self._write(name, self.rng.choice([None, self.title()]), self.text(path))

    def cut_short(self) -> None:
        """A post loses its end, so that a copy of it may be the longer one."""
        path = self.one()
        text = self.text(path)
        title = self.title_of(path)
        self._write(path.relative_to(self.seeds).as_posix(), title, text[: len(text) // 2])

    def swap(self) -> None:
        """Two files have the bytes of each other."""
        one, other = self.one(), self.one()
        first, second = one.read_bytes(), other.read_bytes()
        if self.rng.random() < 0.5:
            one.write_bytes(second)
            other.write_bytes(first)
        elif one != other:
            aside = self.seeds / ".aside"
            one.rename(aside)
            other.rename(one)
            aside.rename(other)

    def publish(self) -> None:
        """A feed has other posts, one of which stands elsewhere, too."""
        path = self.one()
        told = [(sentence(self.rng)[:25], body(self.rng)) for _ in range(self.rng.randint(1, 3))]
        told.append((self.title_of(path), self.text(path)))
        self.rng.shuffle(told)
        if self.rng.random() < 0.5:
            feed(self.seeds / self._name("f", "json"), told)
        else:
            rss(self.seeds / self._name("f", "xml"), told)

    def pack(self) -> None:
        """An archive comes, or has other files."""
        path = self.seeds / self.rng.choice(("b.zip", "y.zip"))
        with zipfile.ZipFile(path, "w") as archive:
            for _ in range(self.rng.randint(1, 3)):
                like = self.one()
                text = self.rng.choice([self.text(like), body(self.rng)])
                name = f"{self.rng.choice('kx')}{self.rng.randrange(5)}.md"
                if name not in archive.namelist():
                    archive.writestr(name, markdown(self.title_of(like), NAMES[0], text))

    def unpack(self) -> None:
        """Something that is no Markdown is taken away."""
        some = [p for p in self.seeds.rglob("*.*") if p.suffix in (".zip", ".json", ".xml", ".txt")]
        if some:
            self.rng.choice(sorted(some)).unlink()

    def link(self) -> None:
        """A link to a post stands beside it."""
        with suppress(FileExistsError):
            (self.seeds / self._name("l")).symlink_to(self.one().resolve())

    def lengthen(self) -> None:
        """A post has a sentence that is longer than any passage."""
        with self.one().open("a") as file:
            file.write(f"\n{endless(self.rng)}\n")

    def jot(self) -> None:
        """A text file comes, or has another text."""
        lines = [self.title(), body(self.rng, 2)]
        (self.seeds / f"t{self.rng.randrange(4)}.txt").write_text("\n\n".join(lines) + "\n")

    def save(self) -> None:
        """A page comes that holds a post which stands elsewhere, too."""
        path = self.one()
        page(self.seeds / self._name("h", "html"), self.title_of(path), self.text(path))

    def spoil(self) -> None:
        """A file cannot be read as text any more."""
        self.one().write_bytes(self.rng.choice([b"", b"\0\0\0", b"   \n"]))

    def tell(self) -> None:
        """The manifest names files that may be there, or not, now or later."""
        names = [self._name("m"), self._name("n"), "p001.md", "t0.txt"]
        self.rng.shuffle(names)
        entries = [f'[[source]]\nfile = "{name}"\nblog = "The quay"\n' for name in names[:2]]
        (self.seeds / "manifest.toml").write_text("\n".join(entries))


COMMON = (
    Folder.delete, Folder.add, Folder.copy, Folder.resemble, Folder.rename, Folder.touch,
    Folder.append, Folder.replace, Folder.retitle, Folder.cut_short, Folder.swap, Folder.publish,
    Folder.pack, Folder.link,
)  # fmt: skip
"""What a build takes by itself."""
RARE = (
    Folder.unpack, Folder.lengthen, Folder.jot, Folder.save, Folder.spoil, Folder.tell,
)  # fmt: skip
"""What sends it to all files now and then."""
EDITS = (*COMMON, *COMMON, *COMMON, *RARE)


# -- what two indexes have in common ---------------------------------------------------------------


def held_by(index: Index) -> dict[str, object]:
    """All that an index holds, by what it means and not by how it is numbered."""
    rows = list(range(len(index)))
    sentences = index.sentences_of(rows)
    made_from = index.made_from()
    held: dict[str, object] = {
        "posts": index.posts(),
        "passages": index.passages(rows),
        "rows": [index.rows_for([post.id]).tolist() for post in index.posts()],
        "vectors": index.vectors(rows).tobytes(),
        "sentences": b"".join(np.ascontiguousarray(sentences[row]).tobytes() for row in rows),
        "sources": index.sources(),
        "counts": index.manifest.counts,
        "made from": made_from,
        "skipped": made_from.skipped,
        "vocabulary": index.vocabulary.words(),
        "bodies": index.records.passage_counts([post.id for post in index.posts()]),
    }
    texts = [s.name for s in index.sources() if s.text_sha256 is not None]
    held["texts"] = {name: index.text(name) for name in texts}
    with closing(sqlite3.connect(index.folder / RECORDS)) as records:
        for statement in (
            "SELECT kind, folded, id, name FROM names JOIN posts ON number = post",
            "SELECT * FROM known",
            "SELECT size, form, id FROM titles JOIN posts ON number = post",
            "SELECT term, id FROM title_terms JOIN posts ON number = post",
            "SELECT term, doc FROM title_gram_counts",
            "SELECT id, title, published, words, complete, stated, passages, bodies FROM posts",
            "SELECT * FROM words",
        ):
            held[statement] = sorted(records.execute(statement).fetchall(), key=repr)
    return held


def answers(index: Index, words: Sequence[str] = WORDS) -> list[object]:
    """What searches find, with their scores."""
    encoder = Encoder.load(index.model_folder, threads=1)
    found: list[object] = []
    some = index.rows_for([post.id for post in index.posts()[::2]])
    for word in words:
        question = f"{word} and {WORDS[len(word)]}"
        vector = encoder.encode([question])[0]
        for rows in (None, some):
            found.append(index.lexical.search(question, 20, rows))
            found.append(index.dense_search(vector, 20, rows))
        found.append(index.lexical.document_frequency(word))
    return found


def differences(
    one: Settings, other: Settings, words: Sequence[str] = WORDS, ignoring: Collection[str] = ()
) -> list[str]:
    """In what two indexes differ; the first must be whole, too."""
    mine, its = Index.open(one.embeddings, one), Index.open(other.embeddings, other)
    try:
        found = list(map(str, mine.verify()))
        held, wanted = held_by(mine), held_by(its)
        found += [
            f"{name}: {_first_difference(held[name], told)}"
            for name, told in wanted.items()
            if name not in ignoring and held[name] != told
        ]
        if answers(mine, words) != answers(its, words):
            found.append("answers")
        return found
    finally:
        mine.close()
        its.close()


def _first_difference(mine: object, its: object) -> str:
    if isinstance(mine, dict) and isinstance(its, dict):
        return _first_difference(sorted(mine.items()), sorted(its.items()))
    if isinstance(mine, Sequence) and isinstance(its, Sequence):
        at = next((at for at, (a, b) in enumerate(zip(mine, its, strict=False)) if a != b), None)
        if at is None:
            return f"{len(mine)} for {len(its)}"
        mine, its = mine[at], its[at]
    return f"{mine!r:.600} for {its!r:.600}"
