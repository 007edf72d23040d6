"""A generation made of the one before it and of what has changed: the rest is linked."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from pathlib import Path
from typing import Any

from askscwru.files import link, writing
from askscwru.index.cache import VectorCache
from askscwru.index.carried import Carried
from askscwru.index.encoder import FileFact
from askscwru.index.generation import LEXICAL, OWN_LEXICAL, Index, MadeFrom
from askscwru.index.lexical import words_of
from askscwru.index.making import Making
from askscwru.index.part_writer import PART, PartWriter, parts_of
from askscwru.index.passage_list import PassageList
from askscwru.index.records import (
    RECORDS,
    Amendment,
    IndexPart,
    Placed,
    amend_records,
    spread,
)
from askscwru.index.report import BuildReport, counted, post_changes, source_changes
from askscwru.index.vectors import is_large
from askscwru.ingest import Changes, Skipped, TooMuchChangedError
from askscwru.types import Passage, Post, Progress, Source

Cutting = Callable[[Post, Mapping[str, str], "Counter[str]"], list[Passage]]
"""The passages of a post, of texts by the names of their sources; counts the sentences it cuts."""
_NOT_LINKED = frozenset({"meta.json", ".managed.json"})


def texts_of(post: Post, text: str) -> Iterator[str]:
    """All that the vocabulary is counted from."""
    yield from (post.title or "", *post.authors, post.blog or "")
    yield from (text[block.start : block.end] for block in post.blocks)


@dataclass(slots=True)
class _PartPlan:
    """What becomes of a part in which something changes."""

    posts: list[tuple[int, Post, bool]]
    """Number, post, and whether it is new."""
    texts: dict[str, str]


@dataclass(kw_only=True)
class Amended(Making):
    """The making of such a generation."""

    index: Index
    """The one before."""
    made_from: MadeFrom
    changes: Changes
    passages: PassageList
    """Empty; takes those of the parts that are written anew."""
    cut: Cutting
    _cut: Counter[str] = field(default_factory=Counter)

    def made(self, progress: Progress) -> BuildReport:
        """Writes the files, makes the generation live, and removes what it replaces.

        Raises:
            TooMuchChangedError: more is other than can be made so; nothing is left of it.
        """
        now = self._sources_now()
        manifest, vectors = self.make(
            lambda cache: self._write(cache, now, progress), progress, prune=False
        )
        changes = post_changes(
            self.changes.gone, [post for post, _ in self.changes.new], self.changes.copies
        )
        return BuildReport(
            changed=True,
            generation=manifest.generation,
            **counted(manifest.counts),
            **source_changes(self.made_from.sources, now),
            skipped=tuple(Skipped(name, why) for name, why in self.made_from.skipped.items()),
            cut=self._cut_now(),
            copies=self.changes.only_copies,
            changes=changes,
            vectors_reused=vectors["vectors_reused"],
            vectors_encoded=vectors["vectors_encoded"],
            seconds=self.elapsed(),
        )

    def _write(
        self, cache: VectorCache, sources: Mapping[str, str], progress: Progress
    ) -> tuple[MadeFrom, Mapping[str, int], Mapping[str, FileFact]]:
        records = self.index.records
        if any(post.source in self.made_from.cut for post in self.changes.gone):
            raise TooMuchChangedError  # a source's cut sentences are counted over all its posts
        new = self._numbered()
        new_sources = self._numbered_sources()
        plans = self._plans(new, [source for _, source in new_sources])
        parts, placed, kept = self._write_parts(plans, cache, progress)
        progress("write", 1, 3)
        own = {name: key for key, plan in plans.items() for name in plan.texts}
        first = records.parts[0].key
        amend_records(
            self.index.folder / RECORDS,
            self.folder / RECORDS,
            Amendment(
                gone=self.changes.gone,
                new=[(number, post) for number, _, post in new],
                placed=placed,
                parts=parts,
                gone_sources=self.changes.gone_sources,
                new_sources=[
                    (number, source, own.get(source.name, first)) for number, source in new_sources
                ],
                words=self._words(),
            ),
        )
        inputs = {**self.made_from.inputs, **self.changes.inputs}
        for name in self.changes.gone_inputs:
            inputs.pop(name, None)
        made_from = MadeFrom(
            sources=dict(sources),
            inputs=inputs,
            skipped=dict(self.made_from.skipped),
            cut=self._cut_now(),
        )
        before = self.index.manifest.counts
        counts = {
            "sources": len(sources),
            "posts": before["posts"] - len(self.changes.gone) + len(new),
            "passages": sum(part.passages for part in parts),
            "sentences": sum(part.sentences for part in parts),
        }
        return made_from, counts, self._linked(kept)

    def _sources_now(self) -> dict[str, str]:
        now = dict(self.made_from.sources)
        for name in self.changes.gone_sources:
            now.pop(name, None)
        return now | {source.name: source.sha256 for source, _ in self.changes.new_sources}

    def _cut_now(self) -> dict[str, int]:
        return dict(Counter(self.made_from.cut) + self._cut)

    # -- where what is new stands ----------------------------------------------------------------

    def _numbered(self) -> list[tuple[int, int, Post]]:
        """Number, key of the part, and each new post, in their order."""
        records = self.index.records
        gone = {post.id for post in self.changes.gone}
        fresh = {post.id for post, _ in self.changes.new}

        def before(order: Any) -> tuple[int, int] | None:
            for post_id in self.store.before(order):
                if post_id not in gone and post_id not in fresh:
                    found = records.place_of(post_id)
                    if found is not None:
                        return found
            return None

        found: list[tuple[int, int, Post]] = []
        placed = [(before(order), post) for post, order in self.changes.new]
        dirty = records.parts_with(gone, ())
        for at, some in groupby(placed, key=lambda pair: pair[0]):
            posts = [post for _, post in some]
            after = records.after(None if at is None else at[0], gone)
            numbers = spread(at and at[0], after and after[0], len(posts))
            # Between two parts, that one is taken which is written anew as it is.
            beside = after if after is not None and after[1] in dirty else at or after
            if numbers is None or beside is None:
                raise TooMuchChangedError
            found += [
                (number, beside[1], post) for number, post in zip(numbers, posts, strict=True)
            ]
        return found

    def _numbered_sources(self) -> list[tuple[int, Source]]:
        records = self.index.records
        gone = set(self.changes.gone_sources)
        fresh = {source.name for source, _ in self.changes.new_sources}

        def before(order: tuple[int, str, int]) -> int | None:
            for name in self.store.source_before(*order):
                if name not in gone and name not in fresh:
                    return records.number_of_source(name)
            return None

        found: list[tuple[int, Source]] = []
        ordered = sorted(self.changes.new_sources, key=lambda pair: pair[1])
        placed = [(before(order), source) for source, order in ordered]
        for at, some in groupby(placed, key=lambda pair: pair[0]):
            sources = [source for _, source in some]
            numbers = spread(at, records.source_after(at, gone), len(sources))
            if numbers is None:
                raise TooMuchChangedError
            found += list(zip(numbers, sources, strict=True))
        return found

    def _plans(
        self, new: Sequence[tuple[int, int, Post]], sources: Sequence[Source]
    ) -> dict[int, _PartPlan]:
        """What the parts hold in which something changes, by their keys."""
        records = self.index.records
        gone = {post.id for post in self.changes.gone}
        gone_texts = set(self.changes.gone_sources)
        dirty = {key for _, key, _ in new} | records.parts_with(gone, gone_texts)
        standing = {post.source: key for _, key, post in reversed(new)}
        first = records.parts[0].key
        told = {s.name: standing.get(s.name, first) for s in sources if s.text_sha256 is not None}
        dirty |= set(told.values())
        plans: dict[int, _PartPlan] = {}
        for at, part in enumerate(records.parts):
            if part.key not in dirty:
                continue
            numbers = records.numbers_of_part(part.key)
            posts = [
                (numbers[post.id], post, False)
                for post in records.posts_of_part(at)
                if post.id not in gone
            ]
            posts += [(number, post, True) for number, key, post in new if key == part.key]
            texts = {n: text for n, text in records.texts_of_part(at) if n not in gone_texts}
            texts |= {n: self.changes.texts[n] for n, key in told.items() if key == part.key}
            plans[part.key] = _PartPlan(sorted(posts, key=lambda post: post[0]), texts)
        return plans

    # -- the parts -------------------------------------------------------------------------------

    def _write_parts(
        self, plans: Mapping[int, _PartPlan], cache: VectorCache, progress: Progress
    ) -> tuple[list[IndexPart], dict[str, Placed], list[IndexPart]]:
        """Writes the parts in which something changes, and links the others."""
        records = self.index.records
        sizes = {key: self._passages_of(key, plan) for key, plan in plans.items()}
        total = len(self.index) - sum(p.passages for p in records.parts if p.key in plans)
        total += len(self.passages)
        large = is_large(total)
        if large != is_large(len(self.index)) or not total:
            raise TooMuchChangedError
        writer = PartWriter(
            self.folder, self.passages, self.encoder, cache, Carried(self.index), None, large
        )
        unused = max(part.key for part in records.parts) + 1
        parts: list[IndexPart] = []
        kept: list[IndexPart] = []
        placed: dict[str, Placed] = {}
        begun = 0
        for part in records.parts:
            if part.key not in plans:
                self._link(part)
                parts.append(part)
                kept.append(part)
                continue
            plan, own = plans[part.key], sizes[part.key]
            if not plan.posts:
                if plan.texts:
                    raise TooMuchChangedError
                continue
            cuts = list(parts_of(own)) if sum(own) > 2 * PART else [(0, len(own), 0, sum(own))]
            for at, (first, end, start, stop) in enumerate(cuts):
                key = part.key if at == 0 else unused
                unused += at > 0
                written, places = writer.write(
                    key,
                    [post for _, post, _ in plan.posts[first:end]],
                    (begun + start, begun + stop),
                    plan.texts.items() if at == 0 else (),
                    progress,
                )
                parts.append(written)
                placed |= places
            begun += sum(own)
        progress("write", 0, 3)
        writer.join(parts, kept, self.index.folder)
        return parts, placed, kept

    def _passages_of(self, key: int, plan: _PartPlan) -> list[int]:
        """Adds the passages of a part's posts; returns how many each has."""
        at = self.index.records.place_of_part(key)
        layout = self.index.records.layout
        start = int(layout.starts[at])
        rows: dict[str, tuple[int, list[Passage]]] = {}
        for row, passage in enumerate(
            self.index.passages(range(start, int(layout.ends[at]))), start
        ):
            rows.setdefault(passage.post_id, (row, []))[1].append(passage)
        sizes: list[int] = []
        for _, post, new in plan.posts:
            row, own = rows.get(post.id, (start, []))
            if new:
                try:
                    own = self.cut(post, self.changes.texts, self._cut)
                except Exception as error:  # a build of all names the post that cannot be cut
                    raise TooMuchChangedError from error
            self.passages.extend(own, None if new else row)
            sizes.append(len(own))
        return sizes

    def _link(self, part: IndexPart) -> None:
        """Gives the files of a part in which nothing changes a second name."""
        folder = part.folder(self.folder)
        with writing(self.folder):
            folder.mkdir(parents=True)
            for path in part.folder(self.index.folder).iterdir():
                link(path, folder / path.name)

    def _linked(self, kept: Sequence[IndexPart]) -> dict[str, FileFact]:
        """What is known of the files that are links."""
        folders = {Path(part.folder(Path())).as_posix() for part in kept} | {LEXICAL, OWN_LEXICAL}
        return {
            name: fact
            for name, fact in self.index.manifest.files.items()
            if name.rpartition("/")[0] in folders and name.rpartition("/")[2] not in _NOT_LINKED
        }

    def _words(self) -> dict[str, int]:
        """By how much the count of a word is another."""
        counts: Counter[str] = Counter()
        for post, _ in self.changes.new:
            for text in texts_of(post, self.changes.texts[post.source]):
                counts.update(words_of(text))
        for post in self.changes.gone:
            for text in texts_of(post, self.changes.texts_before[post.source]):
                counts.subtract(words_of(text))
        return {word: count for word, count in counts.items() if count}
