"""Runs the stages from seeds to index, only for what changed, and swaps the new generation in."""

from __future__ import annotations

import hashlib
import re
import secrets
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from askscwru.errors import AskscwruError, IndexBusy, ModelError, SeedsError, StorageError
from askscwru.files import (
    flush,
    flush_tree,
    leaving_nothing,
    remove,
    remove_unfinished,
    writing,
)
from askscwru.index.ahead import (
    EncoderPlace,
    Stretch,
    batched,
    encoded_by,
    encoder_at,
    read_by,
)
from askscwru.index.cache import VectorCache
from askscwru.index.carried import Carried
from askscwru.index.chunk import CONTEXT_TOKENS, fitting, passages_of
from askscwru.index.cluster import Cluster, joined
from askscwru.index.encoder import Encoder, Vectors
from askscwru.index.export import (
    ensure_model,
    fingerprint_of,
    locate,
    model_folder,
    models_folder,
    readers_folder,
)
from askscwru.index.generation import (
    FORMAT,
    LEXICAL,
    MANIFEST,
    Index,
    Manifest,
    ModelFact,
    files_of,
    generations_folder,
    read_manifest,
    write_manifest,
)
from askscwru.index.lexical import LexicalIndex
from askscwru.index.passage_list import PassageList
from askscwru.index.publish import publish, published
from askscwru.index.records import RECORDS, write_records
from askscwru.index.vectors import (
    SENTENCES,
    SentenceWriter,
    is_large,
    passage_array,
    write_passages,
)
from askscwru.ingest import (
    Corpus,
    DocumentCache,
    Earlier,
    Skipped,
    list_sources,
    manifest_sha256,
    read_corpus,
    read_list,
)
from askscwru.ingest.found import reason_of
from askscwru.settings import PACKAGED_MODEL, PACKAGED_WEIGHTS, Settings
from askscwru.types import Passage, Post, Progress, Span

LOCK = ".build.lock"
CACHE = "cache/vectors.db"
READ = "cache/documents.db"
UNMISSED = (LOCK, READ, f"{READ}-journal")
"""Files that a failed build leaves in a folder that it made, and nobody misses; vectors stay."""

_GENERATION = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
_AT_ONCE = 64  # passages encoded between two commits: what a kill loses at most
_POSTS, _CHARACTERS = 10_000, 1_000_000  # that a worker cuts in one go, unless one is longer
_SHARES = 16  # with a piece goes the text of its sources: the pieces of one are few
_SHAPING = ("passage_tokens", "overlap_sentences", "max_source_bytes", "unpublished")
_OUTSIDE = ("types", "sentences", "letters", "days", "rules", "names")
"""Files outside ingest and index that shape an index, too."""
_LIBRARIES = ("faiss-cpu", "numpy", "onnxruntime", "tantivy", "tokenizers")
_SHORTEST = 32  # word pieces: a passage shorter than this says too little


@dataclass(frozen=True, slots=True)
class PostChanges:
    """What a build makes of the posts, compared with the index before it."""

    new: int = 0
    changed: int = 0
    """Posts whose words are others now, under the same title or address."""
    gone: int = 0
    copies: int = 0
    """Places where a post stands beside its fullest copy."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildReport:
    """What a build found and did."""

    changed: bool
    """False when the index was up to date, so that nothing was done."""
    generation: str
    sources: int
    posts: int
    passages: int
    sentences: int
    new: tuple[str, ...]
    """Sources that the index before did not know."""
    updated: tuple[str, ...]
    """Sources whose bytes have changed."""
    unchanged: tuple[str, ...]
    gone: tuple[str, ...]
    """Sources that are no longer in the seeds folder."""
    skipped: tuple[Skipped, ...]
    """What was left out, and why."""
    cut: Mapping[str, int] = field(default_factory=dict)
    """How many sentences of each source are longer than a passage and were cut between words."""
    moved: tuple[tuple[str, str], ...] = ()
    """Sources that have another name now, the old one first; neither new nor gone."""
    copies: tuple[tuple[str, str], ...] = ()
    """Sources with nothing of their own, and where what they hold stands more fully."""
    changes: PostChanges = PostChanges()
    vectors_reused: int
    vectors_encoded: int
    seconds: float


def build(
    settings: Settings, progress: Progress, *, force: bool = False, forget_missing: bool = False
) -> BuildReport:
    """Brings the index up to date with the seeds, the settings and the model.

    Whatever ends it early (an error, Ctrl-C, ``kill -9``, a power cut) leaves the index that was
    there before, and the next run clears up. Where a server is to hold the vectors, they are put
    there when the files are whole.

    Args:
        settings: says where the seeds and the embeddings are, and what shapes the index.
        progress: told of the stages ``read``, ``model``, ``encode``, ``write``, ``publish``.
        force: build it even when nothing has changed; vectors are reused all the same.
        forget_missing: let go of the posts of what is out of reach now; they are kept otherwise.

    Raises:
        SeedsError: there is nothing to index; or the posts of what is out of reach cannot be kept.
        ModelError: the encoder's weights are missing, altered or unusable.
        IndexBusy: another process is building.
        ClusterError: the machines that are set cannot be used; what they have done is kept.
        StorageError: the folder cannot be written, or the disk is full.
        IndexAway: the server is away or refuses; the files are built, and the next run goes on.
    """
    report = _build(_on_files(settings), progress, force=force, forget_missing=forget_missing)
    if settings.index is not None:
        publish(settings, progress)
    return report


def _on_files(settings: Settings) -> Settings:
    """The same without a server: what is built is read from the files."""
    return settings.model_copy(update={"index": None})


def _build(
    settings: Settings, progress: Progress, *, force: bool, forget_missing: bool
) -> BuildReport:
    began = time.monotonic()
    folder = settings.embeddings
    with (
        leaving_nothing(folder, *UNMISSED),
        _sole_builder(folder),
        joined(settings, _program) as cluster,
    ):
        live = _live(folder)
        _clear(folder, live)
        earlier = earlier_of(live) if live and not forget_missing else None
        sound = None if live is None or force or not _is_sound(settings) else live
        if sound is not None and _up_to_date(settings, sound, earlier):
            return _nothing_done(settings, sound, earlier, time.monotonic() - began)
        corpus = _corpus(settings, progress, earlier, cluster)
        model = ensure_model(settings, progress)
        encoder = Encoder.for_building(model, threads=settings.threads)
        with PassageList(folder) as passages, _carried(settings, sound, encoder) as carried:
            cut = _cut(corpus, settings, encoder, passages, carried, cluster)
            made = _Generation(
                settings=settings,
                corpus=replace(
                    corpus, posts=tuple(cut.posts), skipped=(*corpus.skipped, *cut.skipped)
                ),
                encoder=encoder,
                passages=passages,
                cut=cut.sentences,
                carried=carried,
                cluster=cluster,
                live=live,
                began=began,
                before=posts_of(settings) if carried is None else carried.posts,
            )
            return made.make(progress)


def earlier_of(live: Manifest) -> Earlier:
    """What the live generation was made from."""
    return Earlier(live.inputs, live.places)


def document_cache(settings: Settings, path: Path) -> DocumentCache:
    """The cache of what files were read as, by this program and with these settings."""
    return DocumentCache(path, _code() + str(_shaping(settings)))


def _corpus(
    settings: Settings, progress: Progress, earlier: Earlier | None, cluster: Cluster | None
) -> Corpus:
    """The corpus; what was read before and has not changed comes from the cache."""
    cache = document_cache(settings, settings.embeddings / READ)
    try:
        ahead = None if cluster is None else partial(read_by, cluster)
        corpus = read_corpus(settings, progress, cache, earlier, ahead)
        cache.prune()
        return corpus
    finally:
        cache.close()


@contextmanager
def _sole_builder(embeddings: Path) -> Iterator[None]:
    """Holds the lock that only one process can have; the system frees it when the process ends."""
    lock = FileLock(embeddings / LOCK)
    with writing(embeddings):
        embeddings.mkdir(parents=True, exist_ok=True)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise IndexBusy(
                f"Another process is building the index in {embeddings}.",
                remedy="Wait until it is done.",
            ) from error
    try:
        yield
    finally:
        lock.release()


def _live(embeddings: Path) -> Manifest | None:
    """The manifest of the live generation, or None where there is none that can be read."""
    try:
        return read_manifest(embeddings / MANIFEST)
    except AskscwruError:
        return None


def _clear(embeddings: Path, live: Manifest | None) -> None:
    """Removes what killed runs left, and generations and models that nobody can need any more."""
    with writing(embeddings):
        remove_unfinished(embeddings)
        remove_unfinished(models_folder(embeddings))
        remove_unfinished(readers_folder(embeddings))
        kept = {live.generation, live.previous} if live else set()
        kept.add(published(embeddings))  # a server may have been away for the builds since
        generations = generations_folder(embeddings)
        for path in generations.iterdir() if generations.is_dir() else ():
            if _GENERATION.fullmatch(path.name) and path.name not in kept:
                remove(path)


def _is_sound(settings: Settings) -> bool:
    """Whether the live generation can be opened and is what was built, in every byte."""
    try:
        index = Index.open(settings.embeddings, settings)
    except AskscwruError:
        return False
    try:
        return not index.verify()
    finally:
        index.close()


@contextmanager
def _carried(
    settings: Settings, live: Manifest | None, encoder: Encoder
) -> Iterator[Carried | None]:
    """The live generation, where it is sound and was made as one is made now; else None."""
    if live is None or (live.code, live.settings, live.vectors) != (
        _code(),
        _shaping(settings),
        encoder.kept_as,
    ):
        yield None
        return
    index = Index.open(settings.embeddings, settings)
    try:
        yield Carried(index)
    finally:
        index.close()


def _up_to_date(settings: Settings, live: Manifest, earlier: Earlier | None) -> bool:
    """Whether a build would give the live generation again."""
    files, _ = list_sources(settings, earlier)
    return (
        live.settings == _shaping(settings)
        and live.code == _code()
        and live.seeds_manifest == manifest_sha256(settings)
        and live.inputs == {file.name: file.sha256 for file in files}
        and live.roots == read_list(settings).sha256()
        and _same_model(settings, live)
    )


def _same_model(settings: Settings, live: Manifest) -> bool:
    """Whether the weights are those of the index; if they have gone since, what it has will do."""
    if settings.model == PACKAGED_MODEL:
        return model_folder(settings.embeddings, live.model.fingerprint) == PACKAGED_WEIGHTS
    try:
        return fingerprint_of(locate(settings.model)) == live.model.fingerprint
    except ModelError:
        return True


def _nothing_done(
    settings: Settings, live: Manifest, earlier: Earlier | None, seconds: float
) -> BuildReport:
    _, skipped = list_sources(settings, earlier)
    named = {skip.name for skip in skipped}
    archives = tuple(f"{name}/" for name in live.inputs if name not in live.sources)
    empty = [
        Skipped(name, why)
        for name, why in live.skipped.items()
        if name not in named
        and (
            name in live.sources
            or name in live.inputs
            or name.startswith(archives)
            or any(source.startswith(f"{name}/") for source in live.sources)
        )
    ]
    return BuildReport(
        changed=False,
        generation=live.generation,
        **_counts(live),
        new=(),
        updated=(),
        unchanged=tuple(live.sources),
        gone=(),
        skipped=(*skipped, *empty),
        vectors_reused=0,
        vectors_encoded=0,
        seconds=seconds,
    )


def embedded_text(passage: Passage) -> str:
    """What is embedded for a passage: what it is about, then its text."""
    return f"{passage.context}\n{passage.text}" if passage.context else passage.text


@dataclass(slots=True)
class _Cut:
    """The posts that were cut into passages, and what could not be taken as it is."""

    posts: list[Post] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    sentences: Counter[str] = field(default_factory=Counter)
    """How many sentences of each source were cut."""


def _cut(
    corpus: Corpus,
    settings: Settings,
    encoder: Encoder,
    passages: PassageList,
    carried: Carried | None,
    cluster: Cluster | None,
) -> _Cut:
    """Adds the passages of all posts, each short enough for the encoder to take whole.

    Those of posts that are the same are taken over. One post that cannot be cut into passages is
    left out, and named.

    Raises:
        ModelError: the encoder takes too little text.
        SeedsError: there is no passage at all.
    """
    room = encoder.capacity - CONTEXT_TOKENS
    if room < _SHORTEST:
        raise ModelError(
            f"The model {settings.model} takes {encoder.capacity} word pieces, too few for a "
            "passage.",
            remedy="Choose another with ASKSCWRU_MODEL.",
        )
    cut = _Cut()
    for post, found in _in_passages(corpus, settings, encoder, carried, cluster):
        if isinstance(found, Skipped):
            cut.skipped.append(found)
            continue
        cut.posts.append(post)
        passages.extend(found.passages, found.row)
        if found.long:
            cut.sentences[post.source] += found.long
    if not passages:
        raise SeedsError(
            f"No text was found in the pages of {settings.seeds}.",
            remedy="Put saved pages of blog posts there.",
        )
    return cut


@dataclass(frozen=True, slots=True)
class _PostCut:
    """One post in passages."""

    passages: list[Passage]
    long: int = 0
    """How many of its sentences were cut."""
    row: int | None = None
    """Where the first stood in the generation before; None where they are new."""


@dataclass(frozen=True, slots=True)
class _Uncut:
    """Posts, and all that their passages depend on."""

    posts: tuple[Post, ...]
    texts: Mapping[str, str]
    encoder: EncoderPlace
    passage_tokens: int
    overlap_sentences: int


def _in_passages(
    corpus: Corpus,
    settings: Settings,
    encoder: Encoder,
    carried: Carried | None,
    cluster: Cluster | None,
) -> Iterator[tuple[Post, _PostCut | Skipped]]:
    """Each post with its passages, in their order; those of posts that are the same taken over."""
    sources = {source.name: source for source in corpus.sources}
    shape = (settings.passage_tokens, settings.overlap_sentences)

    def taken_over(post: Post) -> _PostCut | None:
        same = None if carried is None else carried.passages(post, sources)
        return None if same is None else _PostCut(same[1], row=same[0])

    if cluster is None:
        for post in corpus.posts:
            yield post, taken_over(post) or _cut_post(post, corpus.texts, encoder, *shape)
        return

    place = EncoderPlace.of(encoder)

    def weight(post: Post) -> int:
        length = post.blocks[-1].end - post.blocks[0].start if post.blocks else 0
        whole = len(corpus.texts[post.source])
        return min(length, length * _SHARES * _CHARACTERS // max(1, whole))

    def pieces() -> Iterator[tuple[list[tuple[Post, _PostCut | None]], _Uncut | None]]:
        for some in batched(corpus.posts, _POSTS, _CHARACTERS, weight):
            known = [(post, taken_over(post)) for post in some]
            new = tuple(post for post, same in known if same is None)
            texts = {name: corpus.texts[name] for post in new for name in _sources_of(post)}
            yield known, _Uncut(new, texts, place, *shape) if new else None

    for known, cut in cluster.map(_cut_posts, pieces()):
        new = iter(cut or ())
        for post, same in known:
            yield post, same or next(new)


def _sources_of(post: Post) -> set[str]:
    """The sources of which a post's passages are slices."""
    alone = {place.source for place in post.bylines}
    return {post.source} | alone | ({post.title_at.source} if post.title_at else set())


def _cut_posts(given: _Uncut) -> list[_PostCut | Skipped]:
    encoder = encoder_at(given.encoder)
    shape = (given.passage_tokens, given.overlap_sentences)
    return [_cut_post(post, given.texts, encoder, *shape) for post in given.posts]


def _cut_post(
    post: Post, texts: Mapping[str, str], encoder: Encoder, tokens: int, overlap: int
) -> _PostCut | Skipped:
    room = encoder.capacity - CONTEXT_TOKENS
    long: list[Span] = []
    try:
        pieces = [
            piece
            for passage in passages_of(
                post,
                texts,
                encoder.count_tokens,
                max_tokens=min(tokens, room),
                most=room,
                overlap=overlap,
                told=long.append,
            )
            for piece in fitting(
                passage, lambda p: encoder.count_tokens(embedded_text(p)), encoder.capacity
            )
        ]
    except Exception as error:  # whatever is wrong with one post, the others are answered from
        shown = post.title or "untitled"
        return Skipped(post.source, f"the post “{shown}”: {reason_of(error)}")
    return _PostCut(pieces, len(long))


@dataclass(kw_only=True)
class _Generation:
    """The making of one generation: each step writes one of its files."""

    settings: Settings
    corpus: Corpus
    encoder: Encoder
    passages: PassageList
    cut: Mapping[str, int]
    """How many sentences of each source were cut."""
    carried: Carried | None
    """The generation before, where passages and vectors can be taken over from it."""
    cluster: Cluster | None
    """Whose workers encode what is new; None for this process."""
    live: Manifest | None
    """The generation that this one replaces."""
    began: float
    """When the build began, on the monotonic clock."""
    before: Sequence[Post] = ()
    """The posts of that generation."""

    def __post_init__(self) -> None:
        now = datetime.now(UTC)
        self.built_at = now.isoformat(timespec="seconds")
        self.id = f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
        self.folder = generations_folder(self.settings.embeddings) / self.id

    def make(self, progress: Progress) -> BuildReport:
        """Writes the files, makes the generation live, and removes what it replaces."""
        embeddings = self.settings.embeddings
        with writing(embeddings):
            self.folder.mkdir(parents=True)
        cache = VectorCache(embeddings / CACHE, self.encoder.kept_as, self.encoder.dimension)
        try:
            try:
                vectors = self._encode(cache, progress)
                progress("write", 0, 3)
                write_passages(self.folder, vectors)
                progress("write", 1, 3)
                self._write_lexical()
                self._write_records()
                progress("write", 2, 3)
                manifest = self._swap_in()
            except BaseException:
                self._abandon()
                raise
            self._clear_up(cache, manifest)
            progress("write", 3, 3)
            return self._report(manifest, cache)
        finally:
            cache.close()

    def _encode(self, cache: VectorCache, progress: Progress) -> Vectors:
        """Writes the sentences' vectors as they come; returns the passages'."""
        total = len(self.passages)
        dimension = self.encoder.dimension
        vectors = passage_array(self.folder, total, dimension)
        path = self.folder / SENTENCES
        carried = self.carried
        if carried is not None and not carried.has_vectors_for(total):
            carried = None
        with (
            writing(path.parent),
            closing(
                SentenceWriter(path, self._sentence_count(), dimension, large=is_large(total))
            ) as sentences,
        ):
            for start, end, row in self._stretches(cache, carried):
                progress("encode", start, total)
                some = self.passages[start:end]
                texts = _texts(some)
                if carried is not None and row is not None:
                    cache.keep(texts)
                    vectors[start:end] = carried.vectors(row, row + len(some))
                    sentences.copy(carried.sentences(row, row + len(some)))
                else:
                    found = cache.vectors(texts, self.encoder.encode)
                    vectors[start:end] = found[: len(some)]
                    sentences.add(found[len(some) :])
        progress("encode", total, total)
        return vectors

    def _stretches(self, cache: VectorCache, carried: Carried | None) -> Iterator[Stretch]:
        """The list of passages; vectors are in the cache where others make them."""
        stretches = self.passages.stretches(_AT_ONCE)
        if self.cluster is None:
            return stretches

        def texts_of(stretch: Stretch) -> list[str]:
            start, end, row = stretch
            taken_over = carried is not None and row is not None
            return [] if taken_over else _texts(self.passages[start:end])

        return encoded_by(self.cluster, self.encoder, stretches, texts_of, cache)

    def _write_lexical(self) -> None:
        documents = ((row, p.context, p.text) for row, p in enumerate(self.passages))
        LexicalIndex.build(self.folder / LEXICAL, documents)

    def _write_records(self) -> None:
        corpus = self.corpus
        extracted = (
            (source.name, corpus.texts[source.name])
            for source in corpus.sources
            if source.text_sha256 is not None
        )
        write_records(
            self.folder / RECORDS,
            corpus.sources,
            corpus.posts,
            self.passages,
            self._words(),
            extracted,
        )

    def _words(self) -> Iterator[str]:
        """All that the vocabulary is counted from: each post once, without furniture."""
        for post in self.corpus.posts:
            yield from (post.title or "", *post.authors, post.blog or "")
            text = self.corpus.texts[post.source]
            yield from (text[block.start : block.end] for block in post.blocks)

    def _swap_in(self) -> Manifest:
        """Flushes the generation, then makes it live by replacing one small file."""
        manifest = self._manifest()
        with writing(self.folder):
            manifest = replace(manifest, files=files_of(self.folder))
            write_manifest(self.folder, manifest)
            flush_tree(self.folder)
            flush(self.folder.parent)
        write_manifest(self.settings.embeddings, manifest)
        return manifest

    def _manifest(self) -> Manifest:
        corpus, card = self.corpus, self.encoder.card
        return Manifest(
            format=FORMAT,
            generation=self.id,
            previous=self.live.generation if self.live else None,
            model=ModelFact(
                name=self.settings.model,
                fingerprint=card.fingerprint,
                dimension=card.dimension,
                max_tokens=card.max_tokens,
            ),
            settings=_shaping(self.settings),
            code=_code(),
            seeds_manifest=manifest_sha256(self.settings),
            sources={source.name: source.sha256 for source in corpus.sources},
            inputs=dict(corpus.inputs),
            places=tuple(place.name for place in read_list(self.settings).all(self.settings)),
            roots=read_list(self.settings).sha256(),
            skipped={skip.name: skip.reason for skip in corpus.skipped},
            cut=dict(self.cut),
            vectors=self.encoder.kept_as,
            counts={
                "sources": len(corpus.sources),
                "posts": len(corpus.posts),
                "passages": len(self.passages),
                "sentences": self._sentence_count(),
            },
            built_at=self.built_at,
            seconds=round(time.monotonic() - self.began, 3),
            versions={"askscwru": _version("askscwru")} | {n: _version(n) for n in _LIBRARIES},
        )

    def _sentence_count(self) -> int:
        return self.passages.sentences

    def _abandon(self) -> None:
        """Removes the half-made generation; if even that fails, the next build does it."""
        with suppress(OSError):
            remove(self.folder)

    def _clear_up(self, cache: VectorCache, manifest: Manifest) -> None:
        """Removes what the new generation replaces; it is live already, so this may fail."""
        with suppress(StorageError):
            cache.prune()
            _clear(self.settings.embeddings, manifest)
            _clear_models(self.settings.embeddings, manifest, self.live)

    def _report(self, manifest: Manifest, cache: VectorCache) -> BuildReport:
        return BuildReport(
            changed=True,
            generation=manifest.generation,
            **_counts(manifest),
            **source_changes(self.live.sources if self.live else {}, manifest.sources),
            skipped=self.corpus.skipped,
            cut=dict(self.cut),
            copies=copies_of(self.corpus.posts),
            changes=post_changes(self.before, self.corpus.posts),
            vectors_reused=cache.reused,
            vectors_encoded=cache.encoded,
            seconds=time.monotonic() - self.began,
        )


def _counts(manifest: Manifest) -> dict[str, Any]:
    return dict(manifest.counts)


def source_changes(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, Any]:
    """Which sources are new, updated, unchanged, gone and moved.

    Args:
        before: hash of each source of the index, by its name.
        now: likewise of what was read.
    """
    gone = {name: digest for name, digest in before.items() if name not in now}
    by_digest: dict[str, list[str]] = {}
    for name, digest in gone.items():
        by_digest.setdefault(digest, []).append(name)
    moved = []
    new = []
    for name, digest in now.items():
        if name in before:
            continue
        if olds := by_digest.get(digest):
            moved.append((olds.pop(0), name))
        else:
            new.append(name)
    left = {old for old, _ in moved}
    return {
        "new": tuple(new),
        "updated": tuple(name for name in now if name in before and before[name] != now[name]),
        "unchanged": tuple(name for name in now if before.get(name) == now[name]),
        "gone": tuple(name for name in gone if name not in left),
        "moved": tuple(moved),
    }


def post_changes(before: Sequence[Post], now: Sequence[Post]) -> PostChanges:
    """How many posts are new, changed and gone."""
    old = {post.id: post for post in before}
    current = {post.id for post in now}
    gone = [post for post in before if post.id not in current]
    places = {place for post in gone for place in _places(post)}
    new = changed = 0
    for post in now:
        if post.id in old:
            changed += old[post.id].text_hash not in ("", post.text_hash)
        elif places.isdisjoint(_places(post)):
            new += 1
        else:
            changed += 1
    replaced = sum(post.id not in old for post in now) - new
    copies = sum(len(post.also_in) for post in now)
    return PostChanges(new, changed, max(0, len(gone) - replaced), copies)


def copies_of(posts: Sequence[Post]) -> tuple[tuple[str, str], ...]:
    """Sources that hold only copies, each with the source of one of those posts."""
    own = {post.source for post in posts}
    found: dict[str, str] = {}
    for post in posts:
        for copy in post.also_in:
            if copy.source not in own:
                found.setdefault(copy.source, post.source)
    return tuple(found.items())


def _places(post: Post) -> set[tuple[str, str]]:
    """What a post is known by when its words have changed: its address, its title in its source."""
    known = {("", post.url)} if post.url else set()
    return known | ({(post.source, post.title)} if post.title else set())


def posts_of(settings: Settings) -> tuple[Post, ...]:
    """The posts of the live index; none where there is none that can be opened."""
    try:
        index = Index.open(settings.embeddings, _on_files(settings))
    except AskscwruError:
        return ()
    try:
        return index.posts()
    except AskscwruError:
        return ()
    finally:
        index.close()


def sentence_texts(passage: Passage) -> list[str]:
    """The text of each sentence of a passage."""
    return [passage.slice(sentence.start, sentence.end) for sentence in passage.sentences]


def _texts(passages: Sequence[Passage]) -> list[str]:
    """All that is embedded of some passages: each whole, then the sentences of each."""
    texts = [embedded_text(passage) for passage in passages]
    for passage in passages:
        texts += sentence_texts(passage)
    return texts


def _clear_models(embeddings: Path, manifest: Manifest, before: Manifest | None) -> None:
    """Removes exported models that neither this generation nor the one before it was made with."""
    made_by = {made.model.fingerprint for made in (manifest, before) if made}
    kept = {model_folder(embeddings, fingerprint) for fingerprint in made_by}
    with writing(embeddings):
        models = models_folder(embeddings)
        for path in models.iterdir() if models.is_dir() else ():
            if path not in kept:
                remove(path)


def _shaping(settings: Settings) -> dict[str, int]:
    return {name: getattr(settings, name) for name in _SHAPING}


def _code() -> str:
    """Hash of the package's offline half: when it changes, the same seeds may give other passages.

    Vectors are cached by content, so that building anew after an upgrade is cheap.
    """
    package = Path(__file__).resolve().parents[1]
    digest = hashlib.sha256()
    shaping = [package / f"{name}.py" for name in _OUTSIDE]
    for wing in ("ingest", "index"):
        shaping += sorted((package / wing).rglob("*.py"))
    # The rules decide what is read as a post just as the code does.
    shaping += sorted((package / "ingest" / "rules").glob("*.toml"))
    for path in shaping:
        digest.update(f"\0{path.relative_to(package)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _program() -> dict[str, str]:
    """What must be the same on every machine that takes part in a build."""
    return {"askscwru": _code()} | {name: _version(name) for name in _LIBRARIES}


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "unknown"
