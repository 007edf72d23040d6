"""How much of a blog of Markdown files stands in the passages: every post, title, date and word.

    python benchmarks/markdown_posts.py PATH [--show N]

PATH is a folder or a zip. What ought to be there is counted without the readers: front matter by
its lines, words by taking Hugo's and Liquid's tags, HTML's tags, addresses of links, pictures and
marks out of the file with a handful of patterns. A word is lost where a post's passages, or the
headings that stand above them in their contexts, hold it less often than the file. Nothing is
embedded.
"""

from __future__ import annotations

import argparse
import html
import re
import resource
import tempfile
import time
import zipfile
from collections import Counter
from pathlib import Path

from tokenizers import Tokenizer

from askscwru.index.chunk import CONTEXT_TOKENS, passages_of
from askscwru.index.export import locate
from askscwru.ingest import Corpus, read_corpus
from askscwru.settings import PACKAGED_MODEL, Settings
from askscwru.types import BlockKind, Post

FRONT = re.compile(r"\s*---[ \t]*\r?\n(.*?)^---[ \t]*(?:\r?\n|\Z)", re.DOTALL | re.MULTILINE)
DROPPED = (
    re.compile(r"\{\{[<%].*?[>%]\}\}|\{%.*?%\}|\{\{.*?\}\}", re.DOTALL),
    re.compile(r"<!--.*?-->|<(?:script|style)\b.*?</(?:script|style)>", re.DOTALL | re.IGNORECASE),
    re.compile(r"<(?:iframe|object|video|audio)\b.*?</(?:iframe|object|video|audio)>", re.DOTALL),
    re.compile(r"</?[A-Za-z][^<>]*>"),
    re.compile(r"!\[[^\]]*\](?:\([^)]*\)|\[[^\]]*\])"),
    re.compile(r"(?<=\])\((?:[^()]|\([^()]*\))*\)"),
    re.compile(r"^\s{0,3}\[[^\]\n]+\]:\s*\S+.*$", re.MULTILINE),
    re.compile(r"\[\^[^\]\n]+\]:?"),
    re.compile(r"^\s*(?:\d{1,3}[.)])\s", re.MULTILINE),
    re.compile(r"\{[:.#][^{}\n]*\}"),
    re.compile(r"~~.*?~~"),
)
MARKUP = re.compile(
    r"\{\{[<%]|[>%]\}\}|\{%|%\}|\]\((?:https?:|/|#)|!\[|\*\*(?=\w)|^#{1,6} |\{[:.#][\w-]+\}|~~\w"
)
WORD = re.compile(r"[^\W_]+")
MOST = 254 - CONTEXT_TOKENS


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("path", type=Path)
    parser.add_argument("--show", type=int, default=5, help="posts that lose most")
    given = parser.parse_args()
    files = stated(given.path)
    with tempfile.TemporaryDirectory() as index:
        whole = given.path.is_dir()
        place = given.path if whole else copied(given.path, Path(index) / "of")
        settings = Settings(seeds=place, embeddings=Path(index) / "index")
        began = time.process_time()
        corpus = read_corpus(settings, lambda *_: None)
        took = time.process_time() - began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    report(files, corpus, given.show)
    print(f"reading: {took:.1f} s of processor time; peak memory of the process {peak:.0f} MiB")


def copied(path: Path, folder: Path) -> Path:
    """The zip's own bytes in a folder by themselves."""
    folder.mkdir()
    (folder / path.name).write_bytes(path.read_bytes())
    return folder


def stated(path: Path) -> dict[str, str]:
    """The text of every Markdown file, by the end of its name."""
    if path.is_dir():
        found = ((p.relative_to(path).as_posix(), p.read_bytes()) for p in path.rglob("*.md"))
    else:
        archive = zipfile.ZipFile(path)
        names = (name for name in archive.namelist() if name.endswith(".md"))
        found = ((name, archive.read(name)) for name in names)
    return {name: data.decode("utf-8") for name, data in found}


def report(files: dict[str, str], corpus: Corpus, show: int) -> None:
    """Compares what the files state with what was read."""
    tokenizer = Tokenizer.from_file(str(locate(PACKAGED_MODEL) / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    by_name = {
        name.partition(".zip/")[2] or name: post for post in corpus.posts for name in post.sources
    }
    drafts = [
        name for name, text in files.items() if re.search(r"^draft:\s*true", text, re.MULTILINE)
    ]
    wanted = [name for name in files if name not in drafts]
    missing = [name for name in wanted if name not in by_name]
    merged = {n: by_name[n].source for n in by_name if not by_name[n].source.endswith(n)}
    own = [name for name in wanted if name in by_name and name not in merged]
    titles = [n for n in own if not same_title(files[n], by_name[n])]
    days = [n for n in own if by_name[n].published != stated_day(files[n])]
    total = lost = marked = passages = 0
    worst: list[tuple[int, str, list[str]]] = []
    for name in wanted:
        if name not in by_name or name in merged:
            continue
        shown, count, odd = told(by_name[name], corpus, tokenizer)
        passages += count
        marked += odd
        expected = words_of(files[name])
        gone = expected - shown
        total += expected.total()
        lost += gone.total()
        worst.append((gone.total(), name, list(gone.elements())[:12]))
    print(f"files {len(files)}, drafts {len(drafts)}, posts {len(corpus.posts)}")
    print(f"published but not read: {len(missing)} {missing[:show]}")
    for name, source in merged.items():
        print(f"a copy: {name} of {source}")
    print(f"titles that differ: {len(titles)} {titles[:show]}; dates: {len(days)} {days[:show]}")
    print(f"words {total:,}, lost {lost:,}: {1 - lost / max(1, total):.4%} in passages")
    print(f"passages {passages:,}, with markup in them {marked}")
    for skip in corpus.skipped:
        print(f"skipped {skip.name}: {skip.reason}")
    for gone_count, name, some in sorted(worst, reverse=True)[:show]:
        print(f"  {gone_count:5} {name}: {' '.join(some)}")


def words_of(text: str) -> Counter[str]:
    """The words that a reader of the page sees, folded."""
    front = FRONT.match(text)
    body = text[front.end() :] if front else text
    for pattern in DROPPED:
        body = pattern.sub(" ", body)
    return Counter(WORD.findall(html.unescape(body).casefold()))


def same_title(text: str, post: Post) -> bool:
    """Whether the post has the title that front matter states on one line, marks aside."""
    line = re.search(r"^title:[ \t]*(.*(?:\n[ \t]+\S.*)*)$", text, re.MULTILINE)
    title = html.unescape(line[1]) if line else ""
    return line is None or WORD.findall(title) == WORD.findall(post.title or "")


def stated_day(text: str) -> str | None:
    """The date that front matter states."""
    line = re.search(r"^date:[ \t]*[\"']?(\d{4}-\d\d-\d\d)", text, re.MULTILINE)
    return line[1] if line else None


def told(post: Post, corpus: Corpus, tokenizer: Tokenizer) -> tuple[Counter[str], int, int]:
    """The words of a post's passages, each place once; how many passages; how many have markup."""

    def count(text: str) -> int:
        return len(tokenizer.encode(text, add_special_tokens=False).ids)

    passages = passages_of(post, corpus.texts, count, max_tokens=160, most=MOST, overlap=1)
    text = corpus.texts[post.source]
    covered = bytearray(len(text))
    for passage in passages:
        covered[passage.start : passage.end] = b"\1" * (passage.end - passage.start)
    shown = "".join(c if kept else " " for c, kept in zip(text, covered, strict=True))
    contexts = " ".join(passage.context for passage in passages)
    headings = [
        text[block.start : block.end] for block in post.blocks if block.kind is BlockKind.HEADING
    ]
    above = " ".join(heading for heading in headings if " ".join(heading.split()) in contexts)
    prose = [passage for passage in passages if passage.kind is not BlockKind.CODE]
    odd = sum(MARKUP.search(passage.text) is not None for passage in prose)
    return Counter(WORD.findall(f"{shown} {above}".casefold())), len(passages), odd


if __name__ == "__main__":
    main()
