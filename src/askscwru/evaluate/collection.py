"""Questions on the collection, weighed against what its records say.

The kind of answer, the set of posts of a list and the number of a count are compared exactly. A
plain question is one that the posts answer in their text, or not at all: it is right when it was
not taken for one on the collection.
"""

from __future__ import annotations

import time
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path, PurePosixPath
from typing import Any

from askscwru.assistant import Assistant
from askscwru.errors import SetError
from askscwru.evaluate.runs import Record
from askscwru.evaluate.sets import Collected
from askscwru.types import Answer, Kind, Post

SEEDS, DIGITALGOV = "seeds", "digitalgov"
ARCHIVES = {DIGITALGOV: "digitalgov_news.zip"}
"""The corpora that are not in the repository, and the archive that each is in."""
_EVERY = 6
_FACTS = (Kind.ANSWER, Kind.LIST)
_ON_COLLECTION = (Kind.LIST, Kind.VIEWS, Kind.REPLY)
_LONGEST = 400


def files_of(archive: Path) -> list[tuple[str, str]]:
    """Every sixth post of an archive, by its file's name.

    Raises:
        SetError: the archive cannot be read.
    """
    try:
        with zipfile.ZipFile(archive) as opened:
            names = sorted(opened.namelist())[::_EVERY]
            return [
                (PurePosixPath(name).name, opened.read(name).decode("utf-8", "replace"))
                for name in names
            ]
    except (OSError, zipfile.BadZipFile) as error:
        raise SetError(f"{archive} cannot be read: {error}.") from error


def ask_collected(items: Sequence[Collected], assistant: Assistant) -> Iterator[Record]:
    """Each question by itself."""
    for item in items:
        began = time.perf_counter()
        answer = assistant.ask(item.question)
        took = (time.perf_counter() - began) * 1000
        yield Record(
            id=item.id,
            group=item.id,
            kind=f"{item.corpus}: {item.kind}",
            split=item.split,
            question=item.question,
            values=weigh(item, answer),
            timings_ms={**answer.timings_ms, "total": round(took, 3)},
            detail=_detail(item, answer),
        )


def weigh(item: Collected, answer: Answer) -> dict[str, float]:
    """What an answer is worth."""
    if item.expected == "plain":
        taken = float(answer.kind in _ON_COLLECTION)
        return {"taken": taken, "right": 1 - taken}
    kinds = _FACTS if item.expected == "fact" else (Kind(item.expected),)
    values = {"recognised": float(answer.kind in kinds)}
    right = [values["recognised"]]
    if item.posts is not None:
        found = keys_of(answer.posts, item.corpus)
        values["list_f1"] = _f1(found, set(item.posts))
        values["list_exact"] = float(found == set(item.posts))
        right.append(values["list_exact"])
    if item.total is not None:
        values["count_exact"] = float(answer.total == item.total)
        right.append(values["count_exact"])
    if item.says:
        said = f"{answer.text} {answer.short or ''}"
        values["says"] = float(all(words in said for words in item.says))
        right.append(values["says"])
    return {**values, "right": min(right)}


def keys_of(posts: Sequence[Post], corpus: str) -> set[str]:
    """By what a set names posts: the id where it is stable, else the file's name."""
    if corpus == SEEDS:
        return {post.id for post in posts}
    return {name for post in posts for name in post.sources}


def _f1(found: set[str], wanted: set[str]) -> float:
    if not found and not wanted:
        return 1.0
    both = len(found & wanted)
    return 2 * both / (len(found) + len(wanted)) if both else 0.0


def _detail(item: Collected, answer: Answer) -> dict[str, Any]:
    return {
        "searched_for": answer.searched_for,
        "expected": [],
        "expected_short": [item.expected, *item.says],
        "gold": None,
        "answer": f"[{answer.kind}, {answer.total}] {answer.text[:_LONGEST]}",
        "citations": [],
        "held_back": [],
        "rank": None,
        "retrieved": [],
    }
