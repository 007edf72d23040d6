"""Question-and-answer sets as files: what they hold, checked line by line.

The kind of a set is told from what it holds, never from its name. Whatever is wrong with one is
said with the file, the line and the reason.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import json
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from askscwru.errors import SetError
from askscwru.types import Kind

SPLITS = ("tune", "report")
"""By post: weights and thresholds are fitted on ``tune`` alone."""


@dataclass(frozen=True, slots=True)
class Accepted:
    """A stretch of a source that is by itself a right answer."""

    source: str
    start: int
    end: int
    text: str
    only_here: bool = False
    """Whether the same words elsewhere do not count: the case for short answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """One question with what is accepted as its answer."""

    id: str
    question: str
    kind: str
    """What sort of question it is (or, in a conversation, of turn)."""
    answerable: bool
    quotes: tuple[Accepted, ...]
    """Each a right answer by itself; none where the posts do not answer."""
    answers: tuple[str, ...]
    """Short answers, each right by itself; none where there is no short one."""
    split: str
    near: bool | None = None
    """For what is not answered: whether the posts come close to it."""
    gold: str | None = None
    """For a turn: the question that it stands for, by itself."""
    line: int = 0
    """The line of the file where it stands, from 1; 0 where lines mean nothing."""


@dataclass(frozen=True, slots=True)
class QuestionSet:
    """Questions that stand by themselves."""

    name: str
    sha256: str
    questions: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class ScriptedConversation:
    """Questions that are asked one after the other."""

    id: str
    turns: tuple[Question, ...]


@dataclass(frozen=True, slots=True)
class ConversationSet:
    """Conversations."""

    name: str
    sha256: str
    conversations: tuple[ScriptedConversation, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """A question on a collection, and what its records say."""

    id: str
    corpus: str
    """Which posts it is asked of: ``seeds``, or the name of a corpus that is kept elsewhere."""
    kind: str
    question: str
    expected: str
    """A kind of answer; ``fact`` for an answer or a list; ``plain`` for a question that is not one
    on the collection."""
    posts: tuple[str, ...] | None
    """The posts of the list, all of them; None where it is not compared."""
    total: int | None
    says: tuple[str, ...]
    """Words that the answer must have."""
    split: str


@dataclass(frozen=True, slots=True)
class CollectedSet:
    """Questions on collections."""

    name: str
    sha256: str
    items: tuple[Collected, ...]


@dataclass(frozen=True, slots=True)
class AskedParagraph:
    """A paragraph of an article with the questions that were asked about it."""

    text: str
    questions: tuple[Question, ...]
    """Their quotes' offsets are into ``text``, and their source is empty."""


@dataclass(frozen=True, slots=True)
class Article:
    """An article of a reading set."""

    title: str
    paragraphs: tuple[AskedParagraph, ...]


@dataclass(frozen=True, slots=True)
class ReadingSet:
    """A set in the SQuAD layout, 1.1 or 2.0."""

    name: str
    sha256: str
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class RankingSet:
    """A set in the BEIR layout."""

    name: str
    sha256: str
    documents: Mapping[str, tuple[str, str]]
    """Title (may be empty) and text, by id."""
    queries: Mapping[str, str]
    """Only those that are judged."""
    judged: Mapping[str, Mapping[str, int]]
    """For each query, how relevant each judged document is."""


@dataclass(frozen=True, slots=True)
class Excerpts:
    """A question with the exact stretches of one document that answer it."""

    question: str
    document: str
    spans: tuple[tuple[int, int], ...]
    texts: tuple[str, ...]
    """What the document says at each of ``spans``."""
    line: int


@dataclass(frozen=True, slots=True)
class ChunkingSet:
    """Long documents, and questions with exact stretches of them."""

    name: str
    sha256: str
    documents: Mapping[str, str]
    questions: tuple[Excerpts, ...]


AnySet = QuestionSet | ConversationSet | CollectedSet | ReadingSet | RankingSet | ChunkingSet


def read_set(path: Path) -> AnySet:
    """Reads a set of any known kind.

    Raises:
        SetError: it cannot be read, is of no known kind, or something in it is not as it must be.
    """
    if path.is_dir():
        return _read_folder(path)
    data = _bytes(path)
    name, digest = _stem(path), hashlib.sha256(data).hexdigest()
    text = _decoded(path, data)
    lines = [(n, line) for n, line in enumerate(text.split("\n"), 1) if line.strip()]
    if not lines:
        raise SetError(f"{path} is empty.")
    first = _json_or_none(lines[0][1])
    if isinstance(first, dict) and "data" not in first:
        return _read_lines(path, name, digest, lines)
    whole = _json_or_none(text)
    if isinstance(whole, dict) and isinstance(whole.get("data"), list):
        return ReadingSet(name, digest, tuple(_articles(path, whole["data"])))
    if not isinstance(first, dict) and str(path).removesuffix(".gz").endswith(".jsonl"):
        raise SetError(f"{path}, line {lines[0][0]}: this is not a JSON object.")
    raise SetError(
        f"{path} is of no kind that is known.",
        remedy="A set is a .jsonl of questions or conversations (eval/README.md), a SQuAD .json, a"
        " BEIR folder, or a folder with questions_df.csv.",
    )


# -- reading ---------------------------------------------------------------------------------------


def _bytes(path: Path) -> bytes:
    try:
        data = path.read_bytes()
        return gzip.decompress(data) if data[:2] == b"\x1f\x8b" else data
    except FileNotFoundError as error:
        raise SetError(f"There is no set {path}.") from error
    except (OSError, EOFError) as error:
        raise SetError(f"{path} cannot be read: {error}.") from error


def _decoded(path: Path, data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data[: error.start].count(b"\n") + 1
        raise SetError(f"{path}, line {line}: this is not UTF-8.") from error


def _stem(path: Path) -> str:
    name = path.name.removesuffix(".gz")
    return name.rsplit(".", 1)[0] if "." in name[1:] else name


def _json_or_none(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


@dataclass(frozen=True, slots=True)
class _Place:
    """Where in a set something stands, to say what is wrong with it."""

    path: Path
    where: str

    def at(self, more: str) -> _Place:
        return _Place(self.path, f"{self.where}, {more}")

    def error(self, reason: str) -> SetError:
        return SetError(f"{self.path}, {self.where}: {reason}.")

    def get(self, record: Any, key: str, kind: type, *, null: bool = False) -> Any:
        """The value of a key that must be there and of this type."""
        if not isinstance(record, dict):
            raise self.error("this is not a JSON object")
        if key not in record:
            raise self.error(f"“{key}” is missing")
        value = record[key]
        if null and value is None:
            return None
        if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
            raise self.error(f"“{key}” is {value!r:.60}; it must be {_KINDS[kind]}")
        if isinstance(value, str) and not value.strip():
            raise self.error(f"“{key}” is blank")
        return value

    def only(self, record: Mapping[str, Any], known: Sequence[str]) -> None:
        """Refuses keys that mean nothing, which are mostly misspelt ones."""
        for key in record:
            if key not in known:
                raise self.error(f"“{key}” is not a known key")


_KINDS: dict[type, str] = {
    str: "a text",
    int: "a whole number",
    bool: "true or false",
    dict: "an object",
    list: "a list",
}


# -- our own two formats ---------------------------------------------------------------------------

_ITEM = ("id", "split", "kind", "question", "post", "answerable", "near", "quotes", "answer")
_TALK = ("id", "split", "turns")
_TURN = ("type", "question", "gold", "answerable", "quotes", "answer")
_QUOTE = ("source", "start", "end", "text")


def _read_lines(
    path: Path, name: str, digest: str, lines: Sequence[tuple[int, str]]
) -> QuestionSet | ConversationSet | CollectedSet:
    questions: list[Question] = []
    collected: list[Collected] = []
    talks: list[ScriptedConversation] = []
    seen: dict[str, int] = {}
    for number, line in lines:
        place = _Place(path, f"line {number}")
        try:
            record = json.loads(line)
        except (ValueError, RecursionError) as error:
            raise place.error(f"this is not JSON ({error})") from error
        identity = place.get(record, "id", str)
        if identity in seen:
            raise place.error(f"“{identity}” stands in line {seen[identity]} already")
        seen[identity] = number
        split = place.get(record, "split", str)
        if split not in SPLITS:
            raise place.error(f"“split” is {split!r}; it must be “tune” or “report”")
        if "corpus" in record:
            collected.append(_collected(place, record))
        elif "turns" in record:
            talks.append(_conversation(place, record, number))
        else:
            questions.append(_item(place, record, number))
        if sum(map(bool, (talks, questions, collected))) > 1:
            raise place.error("questions and conversations stand in one file, or another kind")
    if collected:
        return CollectedSet(name, digest, tuple(collected))
    if talks:
        return ConversationSet(name, digest, tuple(talks))
    return QuestionSet(name, digest, tuple(questions))


def _collected(place: _Place, record: dict[str, Any]) -> Collected:
    place.only(record, ("id", "split", "corpus", "kind", "question", "expected"))
    expected = place.get(record, "expected", dict)
    inside = place.at("“expected”")
    inside.only(expected, ("kind", "posts", "total", "says"))
    posts = inside.get(expected, "posts", list) if "posts" in expected else None
    return Collected(
        id=record["id"],
        corpus=place.get(record, "corpus", str),
        kind=place.get(record, "kind", str),
        question=place.get(record, "question", str),
        expected=_expected(inside, expected),
        posts=None if posts is None else tuple(map(str, posts)),
        total=inside.get(expected, "total", int) if "total" in expected else None,
        says=tuple(map(str, inside.get(expected, "says", list))) if "says" in expected else (),
        split=record["split"],
    )


def _expected(place: _Place, record: dict[str, Any]) -> str:
    kind: str = place.get(record, "kind", str)
    known = (*(kind.value for kind in Kind), "fact", "plain")
    if kind not in known:
        raise place.error(f"“kind” is {kind!r}; it must be one of {', '.join(known)}")
    return kind


def _item(place: _Place, record: dict[str, Any], line: int) -> Question:
    place.only(record, _ITEM)
    kind = place.get(record, "kind", str)
    near = record.get("near")
    if near not in (None, True, False):
        raise place.error("“near” must be true, false or null")
    if not record.get("answerable") and near is not None:
        kind = f"{kind}, {'near' if near else 'far'}"
    return _question(place, record, record["id"], kind, record["split"], line, near=near)


def _conversation(place: _Place, record: dict[str, Any], line: int) -> ScriptedConversation:
    place.only(record, _TALK)
    turns = place.get(record, "turns", list)
    if not turns:
        raise place.error("“turns” is empty")
    found = []
    for number, turn in enumerate(turns, 1):
        at = place.at(f"turn {number}")
        kind, gold = at.get(turn, "type", str), at.get(turn, "gold", str)
        at.only(turn, _TURN)
        identity = f"{record['id']}.{number}"
        found.append(_question(at, turn, identity, kind, record["split"], line, gold=gold))
    return ScriptedConversation(record["id"], tuple(found))


def _question(
    place: _Place,
    record: dict[str, Any],
    identity: str,
    kind: str,
    split: str,
    line: int,
    *,
    near: bool | None = None,
    gold: str | None = None,
) -> Question:
    answerable = place.get(record, "answerable", bool)
    quotes = place.get(record, "quotes", list)
    answer = place.get(record, "answer", str, null=True)
    if answerable and not quotes:
        raise place.error("it is answerable, but “quotes” is empty")
    if not answerable and (quotes or answer):
        raise place.error("it is not answerable, but has “quotes” or an “answer”")
    return Question(
        id=identity,
        question=place.get(record, "question", str),
        kind=kind,
        answerable=answerable,
        quotes=tuple(_quote(place.at(f"quote {n}"), q) for n, q in enumerate(quotes, 1)),
        answers=() if answer is None else (answer,),
        split=split,
        near=near,
        gold=gold,
        line=line,
    )


def _quote(place: _Place, record: Any) -> Accepted:
    source, text = place.get(record, "source", str), place.get(record, "text", str)
    start, end = place.get(record, "start", int), place.get(record, "end", int)
    place.only(record, _QUOTE)
    if not 0 <= start < end:
        raise place.error(f"{start}:{end} is no stretch of a text")
    if end - start != len(text):
        raise place.error(f"{start}:{end} is {end - start} characters, the text {len(text)}")
    return Accepted(source, start, end, text)


# -- SQuAD -----------------------------------------------------------------------------------------


def _articles(path: Path, data: list[Any]) -> Iterator[Article]:
    for number, article in enumerate(data, 1):
        place = _Place(path, f"article {number}")
        title = article.get("title") if isinstance(article, dict) else None
        paragraphs = place.get(article, "paragraphs", list)
        name = title.replace("_", " ") if isinstance(title, str) and title.strip() else ""
        yield Article(
            name or f"Article {number}",
            tuple(_paragraph(place.at(f"paragraph {n}"), p) for n, p in enumerate(paragraphs, 1)),
        )


def _paragraph(place: _Place, record: Any) -> AskedParagraph:
    text = place.get(record, "context", str)
    found = []
    for number, asked in enumerate(place.get(record, "qas", list), 1):
        at = place.at(f"question {number}")
        identity = str(asked.get("id", "")) if isinstance(asked, dict) else ""
        question = at.get(asked, "question", str)
        impossible = asked.get("is_impossible") is True
        answers = [] if impossible else at.get(asked, "answers", list)
        spans = dict.fromkeys(_span(at, answer, text) for answer in answers)
        found.append(
            Question(
                id=identity or at.where,
                question=question,
                kind=_kind_of(asked, bool(spans)),
                answerable=bool(spans),
                quotes=tuple(spans),
                answers=tuple(dict.fromkeys(span.text for span in spans)),
                split="report",
            )
        )
    return AskedParagraph(text, tuple(found))


def _kind_of(asked: dict[str, Any], answerable: bool) -> str:
    """The kind that the set tells of a question, if it tells one."""
    kind = asked.get("kind")
    if isinstance(kind, str) and kind:
        return kind
    return "answerable" if answerable else "unanswerable"


def _span(place: _Place, answer: Any, context: str) -> Accepted:
    text, start = place.get(answer, "text", str), place.get(answer, "answer_start", int)
    end = start + len(text)
    if not start >= 0 or context[start:end] != text:
        raise place.error(f"the paragraph does not say {text!r:.60} at {start}")
    return Accepted("", start, end, text, only_here=True)


# -- folders ---------------------------------------------------------------------------------------


def _read_folder(path: Path) -> RankingSet | ChunkingSet:
    if (path / "questions_df.csv").is_file():
        return _chunking(path)
    corpus, queries = _either(path, "corpus.jsonl"), _either(path, "queries.jsonl")
    judged = next(
        (p for p in (path / "qrels.tsv", path / "qrels" / "test.tsv") if p.is_file()), None
    )
    if corpus is None or queries is None or judged is None:
        raise SetError(
            f"{path} is of no kind that is known.",
            remedy="A folder holds corpus.jsonl, queries.jsonl and qrels.tsv (BEIR), or"
            " questions_df.csv and its documents.",
        )
    return _ranking(path, corpus, queries, judged)


def _either(folder: Path, name: str) -> Path | None:
    return next((p for p in (folder / name, folder / f"{name}.gz") if p.is_file()), None)


def _ranking(folder: Path, corpus: Path, queries: Path, judged: Path) -> RankingSet:
    digest = hashlib.sha256()
    documents: dict[str, tuple[str, str]] = {}
    for place, record in _objects(corpus, digest):
        title = record.get("title") or ""
        text = record.get("text")
        if not isinstance(title, str) or not isinstance(text, str):
            raise place.error("“title” and “text” must be texts")
        documents[place.get(record, "_id", str)] = (title.strip(), text)
    asked = {p.get(r, "_id", str): p.get(r, "text", str) for p, r in _objects(queries, digest)}
    found: dict[str, dict[str, int]] = {}
    data = _bytes(judged)
    digest.update(data)
    for number, line in enumerate(_decoded(judged, data).splitlines(), 1):
        place = _Place(judged, f"line {number}")
        fields = line.split("\t")
        if not line.strip() or (number == 1 and not fields[-1].lstrip("-").isdigit()):
            continue
        if len(fields) != 3 or not fields[2].lstrip("-").isdigit():
            raise place.error("this is not: query, tab, document, tab, whole number")
        if fields[0] not in asked or fields[1] not in documents:
            raise place.error("the query or the document is not in the set")
        found.setdefault(fields[0], {})[fields[1]] = int(fields[2])
    if not found:
        raise SetError(f"{judged} judges no query.")
    return RankingSet(
        folder.resolve().name, digest.hexdigest(), documents, {q: asked[q] for q in found}, found
    )


def _objects(path: Path, digest: Any) -> Iterator[tuple[_Place, dict[str, Any]]]:
    data = _bytes(path)
    digest.update(data)
    for number, line in enumerate(_decoded(path, data).split("\n"), 1):
        if not line.strip():
            continue
        place, record = _Place(path, f"line {number}"), _json_or_none(line)
        if not isinstance(record, dict):
            raise place.error("this is not a JSON object")
        yield place, record


def _chunking(folder: Path) -> ChunkingSet:
    path = folder / "questions_df.csv"
    data = _bytes(path)
    digest = hashlib.sha256(data)
    rows = csv.DictReader(_decoded(path, data).splitlines(keepends=True))
    if not {"question", "references", "corpus_id"} <= set(rows.fieldnames or ()):
        raise SetError(f"{path}, line 1: the columns question, references, corpus_id are missing.")
    documents: dict[str, str] = {}
    questions = []
    for row in rows:
        place = _Place(path, f"line {rows.line_num}")
        name = place.get(row, "corpus_id", str)
        if name not in documents:
            content = _bytes(folder / f"{name}.md")
            digest.update(content)
            documents[name] = _decoded(folder / f"{name}.md", content)
        references = _json_or_none(place.get(row, "references", str))
        if not isinstance(references, list) or not references:
            raise place.error("“references” is not a list in JSON")
        spans = tuple(_excerpt(place, one, documents[name]) for one in references)
        texts = tuple(documents[name][start:end] for start, end in spans)
        asked = place.get(row, "question", str)
        questions.append(Excerpts(asked, name, spans, texts, rows.line_num))
    if not questions:
        raise SetError(f"{path} holds no question.")
    return ChunkingSet(folder.resolve().name, digest.hexdigest(), documents, tuple(questions))


def _excerpt(place: _Place, record: Any, document: str) -> tuple[int, int]:
    start, end = place.get(record, "start_index", int), place.get(record, "end_index", int)
    if not 0 <= start < end <= len(document):
        raise place.error(f"{start}:{end} is no stretch of the document")
    if document[start:end] != record.get("content"):
        raise place.error(f"the document does not say at {start}:{end} what “content” says")
    return start, end


def sample(count: int, limit: int | None) -> list[int]:
    """Which of ``count`` items to run: all, or ``limit`` of them, evenly spread."""
    if limit is None or limit >= count:
        return list(range(count))
    return [math.floor(n * count / limit) for n in range(limit)]
