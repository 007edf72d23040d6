"""Runs the stages from seeds to index, only for what changed, and swaps the new generation in."""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

from filelock import FileLock, Timeout

from askscwru.errors import (
    AskscwruError,
    IndexBusy,
    IndexDamaged,
    ModelError,
    SeedsError,
    StorageError,
)
from askscwru.files import leaving_nothing, writing
from askscwru.index.ahead import EncoderPlace, batched, encoder_at, read_by
from askscwru.index.amend import Amended, texts_of
from askscwru.index.cache import VectorCache
from askscwru.index.carried import Carried
from askscwru.index.chunk import CONTEXT_TOKENS, fitting, passages_of
from askscwru.index.cluster import Cluster, joined
from askscwru.index.encoder import Encoder, FileFact, check_folder
from askscwru.index.export import ensure_model, fingerprint_of, locate, model_folder
from askscwru.index.generation import (
    MANIFEST,
    Index,
    MadeFrom,
    Manifest,
    read_made_from,
    read_manifest,
)
from askscwru.index.making import (
    CACHE,
    Making,
    clear,
    code_of_program,
    program,
    seal_of,
    shaping,
)
from askscwru.index.part_writer import PartWriter, embedded_text, parts_of
from askscwru.index.passage_list import PassageList
from askscwru.index.publish import publish
from askscwru.index.records import RECORDS, IndexPart, Placed, write_records
from askscwru.index.report import (
    BuildReport,
    PostChanges,
    copies_of,
    counted,
    post_changes,
    source_changes,
)
from askscwru.index.vectors import is_large
from askscwru.ingest import (
    CopyStore,
    Corpus,
    Delta,
    DocumentCache,
    Earlier,
    Look,
    Skipped,
    SourceFile,
    TooMuchChangedError,
    list_sources,
    manifest_sha256,
    read_corpus,
    read_list,
    read_seeds_manifest,
    reading,
    same_unmatched,
    unchanged_around,
)
from askscwru.ingest.found import reason_of
from askscwru.settings import PACKAGED_MODEL, PACKAGED_WEIGHTS, Settings
from askscwru.types import Passage, Post, Progress, Span

__all__ = ["CACHE", "BuildReport", "PostChanges", "build", "post_changes", "source_changes"]

LOCK = ".build.lock"
READ = "cache/documents.db"
COPIES = "cache/copies.db"
UNMISSED = (LOCK, READ, f"{READ}-journal", COPIES, f"{COPIES}-journal")
"""Files that a failed build leaves in a folder that it made, and nobody misses; vectors stay."""

_POSTS, _CHARACTERS = 10_000, 1_000_000  # that a worker cuts in one go, unless one is longer
_SHARES = 16  # with a piece goes the text of its sources: the pieces of one are few
_SHORTEST = 32  # word pieces: a passage shorter than this says too little


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
        joined(settings, program) as cluster,
        _copies(folder) as store,
    ):
        live = _live(folder)
        clear(folder, live)
        made_from = _made_from(folder, live)
        earlier = earlier_of(live, made_from) if live and not forget_missing else None
        sound = None if live is None or force or not _is_sound(settings, store) else live
        if sound is not None and _is_alike(settings, sound):
            own = store.fact("generation") == sound.generation
            look = Look(store.seen() if own else {})
            files, skipped = list_sources(settings, earlier, look)
            if made_from.inputs == {file.name: file.sha256 for file in files}:
                if own and look.touched:
                    with suppress(StorageError, TooMuchChangedError):
                        store.refresh(look)
                        store.set_facts({})
                return _nothing_done(sound, made_from, skipped, time.monotonic() - began)
            if own and not any(skip.out_of_reach for skip in skipped):
                with suppress(TooMuchChangedError):
                    return _amended(
                        settings, sound, made_from, store, (files, skipped, look), began, progress
                    )
                store.undo()
        corpus = _corpus(settings, progress, earlier, store, cluster)
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
                store=store,
                before=posts_of(settings) if carried is None else carried.posts,
                sources_before=made_from.sources,
                sizes=cut.sizes,
            )
            return made.made(progress)


@contextmanager
def _copies(folder: Path) -> Iterator[CopyStore]:
    store = CopyStore(folder / COPIES)
    try:
        yield store
    finally:
        store.close()


def _amended(
    settings: Settings,
    live: Manifest,
    made_from: MadeFrom,
    store: CopyStore,
    looked: tuple[list[SourceFile], list[Skipped], Look],
    began: float,
    progress: Progress,
) -> BuildReport:
    """Makes a generation of the live one and of what has changed.

    Raises:
        TooMuchChangedError: more must be looked at; nothing has been done then.
    """
    files, skipped, look = looked
    seeds = read_seeds_manifest(settings)
    names = [file.name for file in files]
    if not unchanged_around(store, look, skipped) or not same_unmatched(
        settings, seeds, made_from.inputs, names, skipped
    ):
        raise TooMuchChangedError
    encoder = Encoder.for_building(ensure_model(settings, progress), threads=settings.threads)
    if live.vectors != encoder.kept_as:
        raise TooMuchChangedError
    index = Index.open(settings.embeddings, settings)
    cache = document_cache(settings, settings.embeddings / READ)
    try:
        read = reading(seeds, settings, cache)
        delta = Delta(store, cache, seeds, index, look)
        progress("read", 0, len(files))
        changes = delta.changes(made_from.inputs, files, read)
        progress("read", len(files), len(files))
        with PassageList(settings.embeddings) as passages:
            amended = Amended(
                settings=settings,
                encoder=encoder,
                live=live,
                began=began,
                store=store,
                index=index,
                made_from=made_from,
                changes=changes,
                passages=passages,
                cut=partial(_cut_alone, settings=settings, encoder=encoder),
            )
            return amended.made(progress)
    finally:
        cache.close()
        index.close()


def earlier_of(live: Manifest, made_from: MadeFrom) -> Earlier:
    """What the live generation was made from."""
    return Earlier(made_from.inputs, live.places)


def _made_from(embeddings: Path, live: Manifest | None) -> MadeFrom:
    """What the live generation was made from; nothing where that cannot be read."""
    try:
        return MadeFrom() if live is None else read_made_from(embeddings, live)
    except IndexDamaged:
        return MadeFrom()


def document_cache(settings: Settings, path: Path) -> DocumentCache:
    """The cache of what files were read as, by this program and with these settings."""
    return DocumentCache(path, code_of_program() + str(shaping(settings)))


def _corpus(
    settings: Settings,
    progress: Progress,
    earlier: Earlier | None,
    store: CopyStore,
    cluster: Cluster | None,
) -> Corpus:
    """The corpus; what was read before and has not changed comes from the cache."""
    cache = document_cache(settings, settings.embeddings / READ)
    try:
        ahead = None if cluster is None else partial(read_by, cluster)
        corpus = read_corpus(settings, progress, cache, earlier, store, ahead)
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


def _is_sound(settings: Settings, store: CopyStore) -> bool:
    """Whether the live generation can be opened and is what was built, in every byte.

    Where no file has been written to since it was made, its bytes are not read again.
    """
    try:
        index = Index.open(settings.embeddings, settings)
    except AskscwruError:
        return False
    try:
        if store.fact("generation") == index.manifest.generation:
            with suppress(OSError, AskscwruError):
                seal = json.dumps(seal_of(index.folder, index.manifest))
                if seal == store.fact("seal"):
                    check_folder(index.model_folder, whole=True)
                    return True
        return not index.verify()
    finally:
        index.close()


@contextmanager
def _carried(
    settings: Settings, live: Manifest | None, encoder: Encoder
) -> Iterator[Carried | None]:
    """The live generation, where it is sound and was made as one is made now; else None."""
    if live is None or (live.code, live.settings, live.vectors) != (
        code_of_program(),
        shaping(settings),
        encoder.kept_as,
    ):
        yield None
        return
    index = Index.open(settings.embeddings, settings)
    try:
        yield Carried(index)
    finally:
        index.close()


def _is_alike(settings: Settings, live: Manifest) -> bool:
    """Whether a build of the same files would give the live generation again."""
    return (
        live.settings == shaping(settings)
        and live.code == code_of_program()
        and live.seeds_manifest == manifest_sha256(settings)
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
    live: Manifest, made_from: MadeFrom, skipped: Sequence[Skipped], seconds: float
) -> BuildReport:
    named = {skip.name for skip in skipped}
    archives = tuple(f"{name}/" for name in made_from.inputs if name not in made_from.sources)
    empty = [
        Skipped(name, why)
        for name, why in made_from.skipped.items()
        if name not in named
        and (
            name in made_from.sources
            or name in made_from.inputs
            or name.startswith(archives)
            or any(source.startswith(f"{name}/") for source in made_from.sources)
        )
    ]
    return BuildReport(
        changed=False,
        generation=live.generation,
        **counted(live.counts),
        new=(),
        updated=(),
        unchanged=tuple(made_from.sources),
        gone=(),
        skipped=(*skipped, *empty),
        vectors_reused=0,
        vectors_encoded=0,
        seconds=seconds,
    )


@dataclass(slots=True)
class _Cut:
    """The posts that were cut into passages, and what could not be taken as it is."""

    posts: list[Post] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    """How many passages each post has."""
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
        cut.sizes.append(len(found.passages))
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


def _cut_alone(
    post: Post,
    texts: Mapping[str, str],
    cut: Counter[str],
    settings: Settings,
    encoder: Encoder,
) -> list[Passage]:
    """The passages of a post; how many sentences of its source were cut is counted.

    Raises:
        TooMuchChangedError: it cannot be cut, which a build of everything says.
    """
    shape = (settings.passage_tokens, settings.overlap_sentences)
    found = _cut_post(post, texts, encoder, *shape)
    if isinstance(found, Skipped):
        raise TooMuchChangedError
    if found.long:
        cut[post.source] += found.long
    return found.passages


@dataclass(kw_only=True)
class _Generation(Making):
    """The making of a generation of all posts."""

    corpus: Corpus
    passages: PassageList
    cut: Mapping[str, int]
    """How many sentences of each source were cut."""
    carried: Carried | None
    """The generation before, where passages and vectors can be taken over from it."""
    cluster: Cluster | None
    """Whose workers encode what is new; None for this process."""
    before: Sequence[Post] = ()
    """The posts of that generation."""
    sources_before: Mapping[str, str]
    """SHA-256 of each of its sources, by its name."""
    sizes: Sequence[int]
    """How many passages each post has."""
    texts_in: dict[str, int] = field(default_factory=dict)
    """The key of the part in which the text of a source stands."""

    def made(self, progress: Progress) -> BuildReport:
        """Writes the files, makes the generation live, and removes what it replaces."""
        manifest, vectors = self.make(
            lambda cache: self._write(cache, progress), progress, prune=True
        )
        return self._report(manifest, vectors)

    def _write(
        self, cache: VectorCache, progress: Progress
    ) -> tuple[MadeFrom, dict[str, int], dict[str, FileFact]]:
        parts, placed = self._write_parts(cache, progress)
        progress("write", 1, 3)
        self._write_records(parts, placed)
        counts = {
            "sources": len(self.corpus.sources),
            "posts": len(self.corpus.posts),
            "passages": len(self.passages),
            "sentences": self.passages.sentences,
        }
        return self._made_from(), counts, {}

    def _write_parts(
        self, cache: VectorCache, progress: Progress
    ) -> tuple[list[IndexPart], dict[str, Placed]]:
        """Writes part after part, and joins what they have of the lexical index."""
        carried = self.carried
        if carried is not None and not carried.has_vectors_for(len(self.passages)):
            carried = None
        large = is_large(len(self.passages))
        writer = PartWriter(
            self.folder, self.passages, self.encoder, cache, carried, self.cluster, large
        )
        texts = self._texts()
        parts: list[IndexPart] = []
        placed: dict[str, Placed] = {}
        for key, (first, end, start, stop) in enumerate(parts_of(self.sizes)):
            posts = self.corpus.posts[first:end]
            part, own = writer.write(key, posts, (start, stop), texts(key, posts), progress)
            parts.append(part)
            placed |= own
        progress("encode", len(self.passages), len(self.passages))
        progress("write", 0, 3)
        writer.join(parts, [], None)
        return parts, placed

    def _texts(self) -> Callable[[int, Sequence[Post]], Iterator[tuple[str, str]]]:
        """What gives the texts that stand in a part: those of its posts, and in the first of none.

        Each stands where the first post of its source does.
        """
        corpus = self.corpus
        extracted = {s.name for s in corpus.sources if s.text_sha256 is not None}
        bare = extracted.difference(post.source for post in corpus.posts)

        def texts(key: int, posts: Sequence[Post]) -> Iterator[tuple[str, str]]:
            own = dict.fromkeys(post.source for post in posts)
            for name in (*own, *(sorted(bare) if key == 0 else ())):
                self.texts_in.setdefault(name, key)
                if name in extracted:
                    extracted.discard(name)
                    yield name, corpus.texts[name]

        return texts

    def _write_records(self, parts: list[IndexPart], placed: dict[str, Placed]) -> None:
        corpus = self.corpus
        write_records(
            self.folder / RECORDS,
            ((source, self.texts_in.get(source.name, 0)) for source in corpus.sources),
            corpus.posts,
            placed,
            parts,
            self._words(),
        )

    def _words(self) -> Iterator[str]:
        """All that the vocabulary is counted from: each post once, without furniture."""
        for post in self.corpus.posts:
            yield from texts_of(post, self.corpus.texts[post.source])

    def _made_from(self) -> MadeFrom:
        corpus = self.corpus
        return MadeFrom(
            sources={source.name: source.sha256 for source in corpus.sources},
            inputs=dict(corpus.inputs),
            skipped={skip.name: skip.reason for skip in corpus.skipped},
            cut=dict(self.cut),
        )

    def _report(self, manifest: Manifest, vectors: Mapping[str, int]) -> BuildReport:
        return BuildReport(
            changed=True,
            generation=manifest.generation,
            **counted(manifest.counts),
            **source_changes(self.sources_before, self._made_from().sources),
            skipped=self.corpus.skipped,
            cut=dict(self.cut),
            copies=copies_of(self.corpus.posts),
            changes=post_changes(self.before, self.corpus.posts),
            vectors_reused=vectors["vectors_reused"],
            vectors_encoded=vectors["vectors_encoded"],
            seconds=time.monotonic() - self.began,
        )


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
