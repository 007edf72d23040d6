"""What has changed in the corpus since an index was made, by looking at what has changed alone.

Of each file that is the same nothing is read but its facts on the disk. The copies of posts that
changed files held are taken out, those that they hold now are put in, and every copy whose group
may be another for that is asked again, in the order in which all were asked: those that come after
one of these and share a key with its group. What comes of it is what ``read_corpus`` makes of all;
where that cannot be told without reading more, ``TooMuchChangedError`` sends the caller there.
"""

from __future__ import annotations

import heapq
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any, Protocol

from askscwru.errors import NotFoundError
from askscwru.ingest.document_cache import DocumentCache
from askscwru.ingest.files import Look
from askscwru.ingest.formats.blog_folder import stamp_of
from askscwru.ingest.found import Document, Skipped, SourceFile
from askscwru.ingest.kinds import FileKind, kind_of
from askscwru.ingest.manifest import SeedsManifest
from askscwru.ingest.merge import (
    Copy,
    base_of,
    chosen,
    copy_of,
    counted,
    post_of,
)
from askscwru.ingest.remembered import (
    CopyStore,
    Group,
    KnownCopy,
    Order,
    Rank,
    TooMuchChangedError,
    numbers_of,
    rank_of,
)
from askscwru.ingest.site import address_of
from askscwru.ingest.sources_of import source_of
from askscwru.types import Post, Source

FEW_FILES = 200
"""More changed files than this are read with all others."""
_FEW_COPIES = 3_000
"""More copies than this are not asked again one by one."""
_SAID_BY_ALL = 60
_HTML = "html"
"""The format of what is settled with all other pages of its site (``site``)."""


class Known(Protocol):
    """The index that was made before."""

    def source(self, name: str) -> Source:
        """A source, by its name."""

    def post(self, post_id: str) -> Post:
        """A post, by its id."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """What is other than it was."""

    gone_sources: tuple[str, ...]
    new_sources: tuple[tuple[Source, tuple[int, str, int]], ...]
    """With the place, the file and the number that tell where each stands among the others."""
    gone: tuple[Post, ...]
    """Posts that are no more, or are others now: as they were."""
    new: tuple[tuple[Post, Order], ...]
    """Posts that are new or others: as they are, in the order of the pages."""
    texts: Mapping[str, str]
    """Of each source of these."""
    texts_before: Mapping[str, str]
    """Of each source of ``gone``."""
    inputs: Mapping[str, str]
    """SHA-256 of each changed or new file, by its name."""
    gone_inputs: tuple[str, ...]
    copies: int
    """Places where a post stands beside its fullest copy."""
    only_copies: tuple[tuple[str, str], ...]
    """Sources with nothing of their own, and where what they hold stands more fully."""


def unchanged_around(store: CopyStore, look: Look, skipped: Sequence[Skipped]) -> bool:
    """Whether what is left out, and what stands beside the files, is as it was."""
    skips = json.dumps([(skip.name, skip.reason) for skip in skipped])
    return store.fact("skips") == skips and store.fact("authors") == stamp_of(look.folders)


class Delta:
    """Finds what has changed."""

    def __init__(
        self,
        store: CopyStore,
        cache: DocumentCache,
        manifest: SeedsManifest,
        known: Known,
        look: Look,
    ) -> None:
        self._store, self._cache, self._manifest = store, cache, manifest
        self._known, self._look = known, look
        self._files: dict[str, list[Document | Skipped]] = {}
        self._old_files: dict[str, list[Document | Skipped]] = {}
        self._sources: dict[str, Source] = {}
        self._groups = _Regrouping(store, self._copy)
        self._loaded: dict[int, Copy] = {}

    def changes(
        self,
        before: Mapping[str, str],
        files: Sequence[SourceFile],
        read: Callable[[SourceFile], tuple[bytes, list[Document | Skipped]]],
    ) -> Changes:
        """What has changed; the store is changed with it, but nothing of that kept.

        Args:
            before: SHA-256 of each file that the index was made from, by its name.
            files: as they are.
            read: gives the key of a file in the cache of documents, and what it is read as.

        Raises:
            TooMuchChangedError: more must be looked at.
        """
        now = {file.name: file for file in files}
        gone = [name for name in before if name not in now]
        fresh = [f for f in files if before.get(f.name) != f.sha256]
        if len(gone) + len(fresh) > FEW_FILES:
            raise TooMuchChangedError
        for name in gone + [file.name for file in fresh if file.name in before]:
            self._take_out(name)
        keys = {file.name: self._put_in(file, *read(file)) for file in fresh}
        self._groups.run()
        posts = _Posts(self._store, self._groups, self._copy, self._text, self._known)
        posts.make()
        old = {post.source for post in posts.gone}
        changes = Changes(
            gone_sources=tuple(
                name for file in self._old_files for name, *_ in self._store.documents_of(file)
            ),
            new_sources=tuple(self._new_sources(keys)),
            gone=tuple(posts.gone),
            new=tuple(sorted(posts.new, key=lambda pair: pair[1])),
            texts={
                **{d.name: d.text for d in self._new_documents(keys)},
                **{post.source: self._text(post.source) for post, _ in posts.new},
            },
            texts_before={name: self._text_before(name) for name in old},
            inputs={file.name: file.sha256 for file in fresh},
            gone_inputs=tuple(gone),
            copies=0,
            only_copies=(),
        )
        with self._store.changing():
            self._store.refresh(self._look)
            self._keep(keys)
            posts.keep()
        copies, groups = self._store.counts()
        return replace(changes, copies=copies - groups, only_copies=self._store.only_copies())

    # -- files -----------------------------------------------------------------------------------

    def _take_out(self, name: str) -> None:
        _check_kind(name)
        key = self._store.file_key(name)
        old = None if key is None else self._cache.read(key)
        if old is None:
            raise TooMuchChangedError
        _check(old)
        self._old_files[name] = old
        for copy in self._store.copies_of(name):
            self._groups.take_out(copy)

    def _put_in(self, file: SourceFile, key: bytes, read: list[Document | Skipped]) -> bytes:
        _check_kind(file.name)
        _check(read)
        self._files[file.name] = read
        for number, document in enumerate(_documents_of(read)):
            source = source_of(document, self._manifest)
            self._sources[source.name] = source
            for at in range(len(document.posts)):
                order = self._look.places[file.name], file.name, number, at
                copy = _made(document, source, at)
                rank = rank_of(len(copy.words), *order)
                number_of_copy = self._groups.put_in(rank, source.name, numbers_of(copy))
                self._loaded[number_of_copy] = copy
        return key

    def _new_documents(self, names: Iterable[str]) -> Iterable[Document]:
        return (d for name in names for d in self._files[name] if isinstance(d, Document))

    def _new_sources(self, names: Iterable[str]) -> Iterable[tuple[Source, tuple[int, str, int]]]:
        for name in names:
            for number, document in enumerate(self._files[name]):
                if isinstance(document, Document):
                    yield self._sources[document.name], (self._look.places[name], name, number)

    def _keep(self, keys: Mapping[str, bytes]) -> None:
        for name in self._old_files:
            self._store.take_out(name)
        seen = {name: self._look.seen[name] for name in keys}
        self._store.keep_files(seen, self._look.places, keys)
        told = {
            document.name: (name, number)
            for name in keys
            for number, document in enumerate(self._files[name])
            if isinstance(document, Document)
        }
        self._store.keep(told, {d.name: d.format for d in self._new_documents(keys)})

    # -- documents and copies --------------------------------------------------------------------

    def _copy(self, copy: KnownCopy) -> Copy:
        if copy.number not in self._loaded:
            _, _, file, number, at = copy.rank
            document = self._document(file, number)
            if document.format == _HTML:
                raise TooMuchChangedError
            source = self._known.source(document.name)
            self._loaded[copy.number] = _made(document, source, at)
        return self._loaded[copy.number]

    def _document(self, file: str, number: int) -> Document:
        if file not in self._files:
            key = self._store.file_key(file)
            found = None if key is None else self._cache.read(key)
            if found is None:
                raise TooMuchChangedError
            self._files[file] = found
        document = self._files[file][number]
        if isinstance(document, Skipped):
            raise TooMuchChangedError
        return document

    def _text(self, source: str) -> str:
        """The text of a source as it is."""
        for document in self._new_documents(self._files):
            if document.name == source:
                return document.text
        return self._kept_text(source)

    def _text_before(self, source: str) -> str:
        for read in self._old_files.values():
            for document in read:
                if isinstance(document, Document) and document.name == source:
                    return document.text
        return self._kept_text(source)

    def _kept_text(self, source: str) -> str:
        found = self._store.document(source)
        if found is None:
            raise TooMuchChangedError
        return self._document(found[0], found[1]).text


def _check_kind(name: str) -> None:
    if kind_of(name) is FileKind.TABLE:  # posts are read with it
        raise TooMuchChangedError


def _check(read: Sequence[Document | Skipped]) -> None:
    """What is left out is told of all files together, and pages are settled with their site."""
    for one in read:
        if isinstance(one, Skipped) or one.skipped or one.format == _HTML or not one.posts:
            raise TooMuchChangedError
    if not read:
        raise TooMuchChangedError


def _documents_of(read: Sequence[Document | Skipped]) -> list[Document]:
    return [one for one in read if isinstance(one, Document)]


def _made(document: Document, source: Source, at: int) -> Copy:
    parts = document.posts[at]
    if parts.url is not None:
        parts = replace(parts, address=address_of(parts.url))
    return copy_of(source, document.text, parts, at)


# -- which copies are of one post ------------------------------------------------------------------


@dataclass(slots=True)
class _Regrouping:
    """Asks every copy again whose group may be another."""

    store: CopyStore
    load: Callable[[KnownCopy], Copy]
    out: dict[int, KnownCopy] = field(default_factory=dict)
    put: dict[int, KnownCopy] = field(default_factory=dict)
    founders: dict[int, int] = field(default_factory=dict)
    """The founder of each copy that has been asked and has another now."""
    apart: dict[int, set[int]] = field(default_factory=dict)
    """The older groups that are akin, of each founder that has been asked."""
    touched: set[int] = field(default_factory=set)
    """Founders of the groups in which something is other."""
    _queue: list[tuple[Rank, int]] = field(default_factory=list)
    _queued: set[int] = field(default_factory=set)
    _held: dict[int, list[tuple[Rank, int, int]]] = field(default_factory=dict)
    _known: dict[int, KnownCopy] = field(default_factory=dict)
    _by_key: dict[int, list[tuple[Rank, int, int]]] = field(
        default_factory=lambda: defaultdict(list)
    )
    """Of the copies that were put in."""

    def take_out(self, copy: KnownCopy) -> None:
        """Takes out a copy."""
        self.out[copy.number] = copy

    def put_in(self, rank: Rank, source: str, keys: tuple[int, ...]) -> int:
        """Puts in a copy; returns its number."""
        number = self.store.next_number() + len(self.put)
        self.put[number] = KnownCopy(number, rank, number, source, keys)
        for key in keys:
            self._by_key[key].append((rank, number, number))
        self._push(rank, number)
        return number

    def run(self) -> None:
        """Asks, in the order in which all were asked."""
        for copy in self.out.values():
            self.touched.add(copy.founder)
            for member in self.store.members(copy.founder):
                self._push_later(copy.rank, member.keys)
        while self._queue:
            _, number = heapq.heappop(self._queue)
            if len(self._queued) > _FEW_COPIES:
                raise TooMuchChangedError
            self._ask(self.copy(number))

    def _ask(self, copy: KnownCopy) -> None:
        keys = [str(key) if key < 0 else key for key in copy.keys]
        shared = counted(keys, lambda key: self._holders(int(key), copy.rank))
        loaded = self.load(copy)
        at, akin = chosen(loaded, shared, lambda rank: self._members_before(rank, copy.rank))
        new = copy.number if at is None else self._founder_of_rank[at]
        old = None if copy.number in self.put else copy.founder
        was = self.store.akin_older(copy.number) if old == copy.number else set()
        now = {self._founder_of_rank[one] for one in akin} if new == copy.number else set()
        if new == old and was == now:
            return
        before = self.founder(copy) if old is not None else None
        self.founders[copy.number] = new
        self.apart[copy.number] = now
        self.touched |= {new, *(was ^ now), *(() if old is None else (old,))}
        if new != old:
            for group in {new, *(() if old is None or before is None else (old, before))}:
                for member in chain(self.store.members(group), self.members(group)):
                    self._push_later(copy.rank, member.keys)
            self._push_later(copy.rank, copy.keys)

    _founder_of_rank: dict[tuple[Any, ...], int] = field(default_factory=dict)

    def copy(self, number: int) -> KnownCopy:
        """A copy that is there now."""
        if number in self.put:
            return self.put[number]
        if number not in self._known:
            self._known[number] = self.store.copy(number)
        return self._known[number]

    def founder(self, copy: KnownCopy) -> int:
        """The founder of its group as far as is known by now."""
        return self.founders.get(copy.number, copy.founder)

    def members(self, founder: int) -> list[KnownCopy]:
        """The copies that are in a group by now, in the order in which they were taken."""
        found = {copy.number: copy for copy in self.store.members(founder)}
        found |= {
            number: self.copy(number) for number, to in self.founders.items() if to == founder
        }
        some = [c for c in found.values() if c.number not in self.out]
        return sorted(
            (copy for copy in some if self.founder(copy) == founder), key=lambda copy: copy.rank
        )

    def akin(self, founder: int) -> set[int]:
        """The groups that share much with one now."""
        found = {
            other
            for other in self.store.akin(founder)
            if not (founder in self.apart and other in self.store.akin_older(founder))
            and not (other in self.apart and founder in self.store.akin_older(other))
        }
        found |= self.apart.get(founder, set())
        found |= {other for other, older in self.apart.items() if founder in older}
        return {other for other in found if self.members(other)}

    def _members_before(self, rank: tuple[Any, ...], before: Rank) -> list[Copy]:
        founder = self._founder_of_rank[rank]
        return [self.load(copy) for copy in self.members(founder) if copy.rank < before]

    def _holding(self, key: int) -> list[tuple[Rank, int, int]]:
        if key not in self._held:
            self._held[key] = sorted([*self.store.holding(key), *self._by_key.get(key, ())])
        return self._held[key]

    def _holders(self, key: int, before: Rank) -> list[tuple[Any, ...]]:
        """The groups that had a key when a copy was asked, by the ranks of their founders."""
        found: list[tuple[Any, ...]] = []
        for rank, number, founder in self._holding(key):
            if rank >= before:
                break
            if number in self.out:
                continue
            own = self.founders.get(number, founder)
            at = self.copy(own).rank if own != number else rank
            self._founder_of_rank[at] = own
            if not found or found[-1] != at:
                found.append(at)
            if key >= 0 and len(found) > _SAID_BY_ALL:
                break
        return found

    def _push_later(self, after: Rank, keys: Iterable[int]) -> None:
        """Those are asked again that come after a copy and share a key with its group.

        A number that many groups have before them tells those that follow nothing.
        """
        most = _SAID_BY_ALL + 2 + 2 * (len(self.out) + len(self.put) + len(self.founders))
        for key in keys:
            groups: set[int] = set()
            for rank, number, founder in self._holding(key):
                if rank > after and number not in self.out:
                    self._push(rank, number)
                groups.add(self.founders.get(number, founder))
                if key >= 0 and len(groups) > most:
                    break

    def _push(self, rank: Rank, number: int) -> None:
        if number not in self._queued:
            self._queued.add(number)
            heapq.heappush(self._queue, (rank, number))


# -- the posts -------------------------------------------------------------------------------------


class _Posts:
    """The posts of the groups in which something is other."""

    def __init__(
        self,
        store: CopyStore,
        groups: _Regrouping,
        load: Callable[[KnownCopy], Copy],
        text: Callable[[str], str],
        known: Known,
    ) -> None:
        self.gone: list[Post] = []
        self.new: list[tuple[Post, Order]] = []
        self._store, self._groups, self._load = store, groups, load
        self._text, self._known = text, known
        self._made: dict[int, Group] = {}

    def make(self) -> None:
        """Makes them."""
        members = {at: self._pages(at) for at in self._groups.touched}
        old = {at: group for at in members if (group := self._store.group(at)) is not None}
        bases = {group.base for group in old.values()}
        named = {at: base_of(self._copies(some)) for at, some in members.items() if some}
        bases |= set(named.values())
        # Posts that would have one id have it in turn: each depends on those before it.
        for base in bases:
            for group in self._store.groups_like(base):
                if group.founder not in members:
                    members[group.founder] = self._pages(group.founder)
                    old[group.founder], named[group.founder] = group, base
        posts = self._posts(members, named)
        self._told(members, old, posts)

    def _posts(
        self, members: Mapping[int, list[KnownCopy]], named: Mapping[int, str]
    ) -> dict[int, Post]:
        posts: dict[int, Post] = {}
        taken: dict[str, set[str]] = defaultdict(set)
        for at in sorted(named, key=lambda at: members[at][0].order):
            copies = self._copies(members[at])
            texts = {copy.source.name: self._text(copy.source.name) for copy in copies}
            post = post_of(copies, texts, taken[named[at]])
            posts[at] = post
            first = members[at][0].order
            self._made[at] = Group(at, post.id, named[at], first, post.source)
        return posts

    def _told(
        self,
        members: Mapping[int, list[KnownCopy]],
        old: Mapping[int, Group],
        posts: Mapping[int, Post],
    ) -> None:
        """Says which posts are gone, and which are new, with what they are shown with."""
        beside = {
            other
            for at in members
            for other in (*self._store.akin(at), *self._groups.akin(at))
            if other not in members and self._groups.members(other)
        }
        for at in (*members, *sorted(beside)):
            group = old.get(at) or self._store.group(at)
            before = None if group is None else self._before(group.post)
            post = posts.get(at, before if at in beside else None)
            if post is not None:
                post = replace(post, see_also=tuple(self._akin(at)))
            if post == before:
                continue
            if before is not None:
                self.gone.append(before)
            if post is not None:
                order = members[at][0].order if at in members else self._ordered(at)
                self.new.append((post, order))

    def _before(self, post_id: str) -> Post:
        """A post of the index before; one that could not be cut into passages is not in it."""
        try:
            return self._known.post(post_id)
        except NotFoundError as error:
            raise TooMuchChangedError from error

    def _akin(self, at: int) -> list[str]:
        found = sorted(self._groups.akin(at), key=self._ordered)
        return [self._id(other) for other in found]

    def _ordered(self, at: int) -> Order:
        return self._group(at).order

    def _id(self, at: int) -> str:
        return self._group(at).post

    def _group(self, at: int) -> Group:
        found = self._made.get(at) or self._store.group(at)
        if found is None:
            raise TooMuchChangedError
        return found

    def _pages(self, founder: int) -> list[KnownCopy]:
        """The copies of a group in the order of the pages."""
        return sorted(self._groups.members(founder), key=lambda copy: copy.order)

    def _copies(self, members: Sequence[KnownCopy]) -> list[Copy]:
        return [replace(self._load(copy), order=at) for at, copy in enumerate(members)]

    def keep(self) -> None:
        """Keeps how the posts are made now."""
        groups, store = self._groups, self._store
        for at in groups.touched:
            if at not in self._made:
                store.take_out_group(at)
        for copy in groups.out.values():
            store.take_out_copy(copy)
        for number, founder in groups.founders.items():
            store.put_copy(replace(groups.copy(number), founder=founder))
        for younger, older in groups.apart.items():
            store.put_apart(younger, older)
        for group in self._made.values():
            store.put_group(group)
