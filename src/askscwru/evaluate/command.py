"""``askscwru eval``: sets in, records made, views out."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.text import Text

from askscwru import __version__
from askscwru.answering.export_reader import ensure_reader
from askscwru.answering.span import DESCRIPTION, SCORING, WEIGHTS, SpanModel
from askscwru.assistant import Assistant, no_progress
from askscwru.errors import AskscwruError, StorageError, UsageError
from askscwru.evaluate import collection, outside, posts
from askscwru.evaluate.compare import SetChange, compare
from askscwru.evaluate.floors import (
    FLOORS,
    Broken,
    Floors,
    applies,
    broken,
    read_floors,
    write_floors,
)
from askscwru.evaluate.page import compare_page, run_page
from askscwru.evaluate.runs import FORMAT, Record, Run, SetRun, read_run, save_run
from askscwru.evaluate.sets import (
    AnySet,
    ChunkingSet,
    Collected,
    CollectedSet,
    ConversationSet,
    QuestionSet,
    RankingSet,
    ReadingSet,
    read_set,
    sample,
)
from askscwru.evaluate.subject import (
    BM25,
    CONTROLS,
    DENSE,
    FIRST_SENTENCE,
    ONLY_TALK,
    SEARCHES,
    TALK_CONTROLS,
    Program,
    program_of,
)
from askscwru.evaluate.table import compare_view, floors_view, run_view
from askscwru.index.generation import MANIFEST, read_manifest
from askscwru.settings import Settings
from askscwru.types import Progress

DONE, BELOW_FLOOR, STOPPED = 0, 4, 130
DEFAULT_SETS = (
    Path("eval/seeds.jsonl"),
    Path("eval/conversations.jsonl"),
    Path("eval/collection.jsonl"),
)
LAST_RUN = Path("results/program.json.gz")
"""Beside the default sets: the run that later ones are held against."""
_PATHS = frozenset({"seeds", "embeddings"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Options:
    """What ``askscwru eval`` was asked for."""

    sets: tuple[Path, ...] = ()
    """Empty for the default sets."""
    json: Path | None = None
    html: Path | None = None
    compare: tuple[Path, Path] | None = None
    """Two saved runs to hold against each other; nothing is run then."""
    against: Path | None = None
    """The saved run to hold this one against; None for the last one that was saved."""
    split: str = "all"
    limit: int | None = None
    """The most items of each set, evenly spread."""
    control: str | None = None
    """One of ``CONTROLS``."""
    quick: bool = False
    """Leaves out the controls that conversations are told beside."""
    work: Path | None = None
    """Where the indexes of outside sets are kept for the next time."""
    data: Path | None = None
    """Where the archives of corpora lie that are not in the repository; None: they are skipped."""
    write_floors: bool = False


@dataclass(slots=True)
class _Plan:
    """One set run that is to be made."""

    name: str
    type: str
    control: str | None
    sha256: str
    of: int
    planned: int
    records: Callable[[], Iterable[Record]]
    done: list[Record] = field(default_factory=list)

    def result(self, split: str) -> SetRun:
        return SetRun(
            name=self.name,
            type=self.type,
            control=self.control,
            split=split,
            sha256=self.sha256,
            planned=self.planned,
            of=self.of,
            records=tuple(self.done),
        )


def evaluate(
    options: Options, settings: Settings, out: Console, progress: Progress = no_progress
) -> int:
    """Runs or compares, prints, saves, and returns the exit code.

    Raises:
        UsageError: an option or a set is not as it must be.
        AskscwruError: the program itself fails.
    """
    if options.compare is not None:
        return _compare(options, out)
    paths = options.sets or DEFAULT_SETS
    chosen = [(path, read_set(path)) for path in paths]
    _check(options, [one for _, one in chosen])
    shared = _Shared(settings, progress)
    try:
        runs, stopped = _run_all(chosen, options, settings, progress, shared)
    finally:
        shared.close()
    run = Run(
        format=FORMAT,
        version=__version__,
        settings=_told(settings),
        models=shared.models or _models(settings),
        sets=tuple(runs),
        stopped=stopped,
    )
    changes = _against(options, run)
    if options.write_floors and not stopped:
        for path, one in chosen:
            write_floors(
                path.parent / FLOORS, [r for r in runs if r.name == one.name and applies(r)]
            )
    floors = {one.name: read_floors(path.parent / FLOORS) for path, one in chosen if path.is_file()}
    fallen, unchecked = _check_floors(run, floors)
    out.print(run_view(run, floors, changes))
    out.print(*floors_view(fallen, unchecked), sep="\n")
    _save(options, run, floors, changes, fallen, out)
    if stopped:
        return STOPPED
    return BELOW_FLOOR if fallen else DONE


@dataclass(slots=True)
class _Shared:
    """One assistant for all sets over the posts: loaded when the first one needs it."""

    settings: Settings
    progress: Progress
    models: dict[str, str] = field(default_factory=dict)
    """Fingerprints of what was loaded; empty while nothing is."""
    _assistant: Assistant | None = None

    def assistant(self) -> Assistant:
        """Loads it, or gives the one that is loaded."""
        if self._assistant is None:
            self._assistant = Assistant.load(self.settings, progress=self.progress)
            self.models = _models(self.settings)
        return self._assistant

    def close(self) -> None:
        """Lets go of it, if there is one."""
        if self._assistant is not None:
            self._assistant.close()


# -- what is asked for -----------------------------------------------------------------------------


def _check(options: Options, sets: Sequence[AnySet]) -> None:
    if options.control is not None and options.control not in CONTROLS:
        known = ", ".join(CONTROLS)
        raise UsageError(
            f"There is no control {options.control!r}.", remedy=f"It is one of {known}."
        )
    if options.control in TALK_CONTROLS and not any(isinstance(s, ConversationSet) for s in sets):
        raise UsageError(f"The control {options.control!r} is for conversations.")
    if options.limit is not None and options.limit < 1:
        raise UsageError("--limit must be at least 1.")
    if options.write_floors and (options.control or options.limit or options.split != "all"):
        raise UsageError(
            "Floors are for the whole sets and the program itself.",
            remedy="Leave out --control, --limit and --split.",
        )
    if options.write_floors and not all(
        isinstance(s, QuestionSet | ConversationSet | CollectedSet) for s in sets
    ):
        raise UsageError("Floors are for sets of questions and of conversations.")
    names = [one.name for one in sets]
    if len(set(names)) != len(names):
        raise UsageError("Two sets have the same name.", remedy="Run them one after the other.")


def _told(settings: Settings) -> dict[str, Any]:
    return {k: v for k, v in settings.model_dump(mode="json").items() if k not in _PATHS}


def _models(settings: Settings) -> dict[str, str]:
    """Fingerprints of all that decides the answers, as far as they can be read."""
    found = {}
    try:
        manifest = read_manifest(settings.embeddings / MANIFEST)
        found = {"index": manifest.generation, "encoder": manifest.model.fingerprint}
        folder = ensure_reader(settings, no_progress)
    except AskscwruError:
        folder = WEIGHTS
    for name in (DESCRIPTION, SCORING):
        path = folder / name
        if path.is_file():
            found[name] = hashlib.sha256(path.read_bytes()).hexdigest()[:16]
    return found


# -- running ---------------------------------------------------------------------------------------


def _run_all(
    chosen: Sequence[tuple[Path, AnySet]],
    options: Options,
    settings: Settings,
    progress: Progress,
    shared: _Shared,
) -> tuple[list[SetRun], bool]:
    """All set runs, and whether Ctrl-C ended them: what was done till then is kept."""
    runs: list[SetRun] = []
    for path, one in chosen:
        plans: list[_Plan] = []
        try:
            for plan in _plans(path, one, options, settings, progress, shared):
                plans.append(plan)
                _run(plan, progress)
        except KeyboardInterrupt:
            return [*runs, *(plan.result(options.split) for plan in plans)], True
        runs += [plan.result(options.split) for plan in plans]
    return runs, False


def _run(plan: _Plan, progress: Progress) -> None:
    stage = plan.name if plan.control is None else f"{plan.name} [{plan.control}]"
    progress(stage, 0, plan.planned)
    for record in plan.records():
        plan.done.append(record)
        progress(stage, len(plan.done), plan.planned)


def _plans(
    path: Path,
    one: AnySet,
    options: Options,
    settings: Settings,
    progress: Progress,
    shared: _Shared,
) -> Iterator[_Plan]:
    if isinstance(one, QuestionSet):
        yield from _posts(path, one, options, shared.assistant())
    elif isinstance(one, ConversationSet):
        yield from _talks(path, one, options, shared.assistant())
    elif isinstance(one, CollectedSet):
        yield from _collected(one, options, settings, progress, shared)
    elif isinstance(one, ReadingSet):
        yield from _reading(one, options, settings, progress)
    elif isinstance(one, RankingSet):
        yield from _ranking(one, options, settings, progress)
    else:
        yield from _chunking(one, options, settings, progress)


def _posts(path: Path, one: QuestionSet, options: Options, assistant: Assistant) -> Iterator[_Plan]:
    control = None if options.control in ONLY_TALK else options.control
    program = program_of(assistant, control)
    posts.check_quotes(path, one.questions, program)
    asked = [q for q in one.questions if options.split in ("all", q.split)]
    some = [asked[at] for at in sample(len(asked), options.limit)]
    yield _Plan(
        one.name,
        "posts",
        control,
        one.sha256,
        len(asked),
        len(some),
        lambda: posts.ask_questions(some, program),
    )


def _talks(
    path: Path, one: ConversationSet, options: Options, assistant: Assistant
) -> Iterator[_Plan]:
    turns = [turn for talk in one.conversations for turn in talk.turns]
    posts.check_quotes(path, turns, assistant)
    talks = [t for t in one.conversations if options.split in ("all", t.turns[0].split)]
    some = [talks[at] for at in sample(len(talks), options.limit)]
    controls: Sequence[str | None] = (None, *TALK_CONTROLS)
    if options.quick or options.control is not None:
        controls = (options.control,)
    for control in controls:
        program = program_of(assistant, control)

        def records(control: str | None = control, program: Program = program) -> Iterator[Record]:
            return posts.ask_conversations(some, program, control)

        yield _Plan(
            one.name,
            "conversations",
            control,
            one.sha256,
            sum(len(talk.turns) for talk in talks),
            sum(len(talk.turns) for talk in some),
            records,
        )


def _collected(
    one: CollectedSet, options: Options, settings: Settings, progress: Progress, shared: _Shared
) -> Iterator[_Plan]:
    """One run a corpus; a corpus whose archive is not at hand is left out."""
    asked = [item for item in one.items if options.split in ("all", item.split)]
    for corpus in dict.fromkeys(item.corpus for item in asked):
        mine = [item for item in asked if item.corpus == corpus]
        some = [mine[at] for at in sample(len(mine), options.limit)]
        if corpus == collection.SEEDS:
            yield _of_corpus(one, corpus, mine, some, shared.assistant())
            continue
        archive = _archive(options, corpus)
        if archive is None:
            continue
        files = collection.files_of(archive)
        work = None if options.work is None else options.work / corpus
        with outside.project(settings, files, work, progress) as own:
            assistant = Assistant.load(own)
            try:
                yield _of_corpus(one, corpus, mine, some, assistant)
            finally:
                assistant.close()


def _of_corpus(
    one: CollectedSet,
    corpus: str,
    mine: Sequence[Collected],
    some: Sequence[Collected],
    assistant: Assistant,
) -> _Plan:
    return _Plan(
        f"{one.name}, {corpus}",
        "collection",
        None,
        one.sha256,
        len(mine),
        len(some),
        lambda: collection.ask_collected(some, assistant),
    )


def _archive(options: Options, corpus: str) -> Path | None:
    if options.data is None or corpus not in collection.ARCHIVES:
        return None
    archive = options.data / collection.ARCHIVES[corpus]
    return archive if archive.is_file() else None


def _reading(
    one: ReadingSet, options: Options, settings: Settings, progress: Progress
) -> Iterator[_Plan]:
    items = outside.questions_given(one)
    some = [items[at] for at in sample(len(items), options.limit)]
    if options.control is None:
        folder = ensure_reader(settings, progress)
        model = SpanModel.load(folder, threads=settings.threads)
        yield _Plan(
            f"{one.name}, given the paragraph",
            "given",
            None,
            one.sha256,
            len(items),
            len(some),
            lambda: outside.read_given(some, model),
        )
    files, questions = outside.open_files(one)
    asked = [questions[at] for at in sample(len(questions), options.limit)]
    with outside.project(settings, files, _work(options, one), progress) as own:
        assistant = Assistant.load(own)
        try:
            program = program_of(assistant, options.control)
            asked = [outside.placed(question, assistant.source_text) for question in asked]
            yield _Plan(
                f"{one.name}, open",
                "posts",
                options.control,
                one.sha256,
                len(questions),
                len(asked),
                lambda: posts.ask_questions(asked, program),
            )
        finally:
            assistant.close()


def _ranking(
    one: RankingSet, options: Options, settings: Settings, progress: Progress
) -> Iterator[_Plan]:
    outside.check_ranking_tools()
    files, ids = outside.ranking_files(one)
    queries = list(one.queries)
    some = [queries[at] for at in sample(len(queries), options.limit)]
    controls: Sequence[str | None] = (None, BM25, DENSE)
    if options.control is not None:
        controls = (None,) if options.control == FIRST_SENTENCE else (options.control,)
    with outside.project(settings, files, _work(options, one), progress) as own:
        for control in controls:
            tuned = own.model_copy(update=dict(SEARCHES[control]))

            def records(tuned: Settings = tuned) -> Iterator[Record]:
                return outside.rank_documents(one, some, tuned, ids)

            yield _Plan(one.name, "ranking", control, one.sha256, len(queries), len(some), records)


def _chunking(
    one: ChunkingSet, options: Options, settings: Settings, progress: Progress
) -> Iterator[_Plan]:
    some = [one.questions[at] for at in sample(len(one.questions), options.limit)]
    files = outside.chunking_files(one)
    with outside.project(settings, files, _work(options, one), progress) as own:
        assistant = Assistant.load(own)
        try:
            control = options.control if options.control in SEARCHES else None
            tuned = assistant.varied(**SEARCHES[control])
            yield _Plan(
                one.name,
                "chunking",
                control,
                one.sha256,
                len(one.questions),
                len(some),
                lambda: outside.cover_excerpts(some, tuned),
            )
        finally:
            assistant.close()


def _work(options: Options, one: AnySet) -> Path | None:
    return None if options.work is None else options.work / one.name


# -- views -----------------------------------------------------------------------------------------


def _against(options: Options, run: Run) -> dict[str, SetChange]:
    path = options.against
    if path is None:
        beside = (options.sets or DEFAULT_SETS)[0].parent / LAST_RUN
        if not beside.is_file():
            return {}
        path = beside
    return {change.key: change for change in compare(read_run(path), run)}


def _check_floors(run: Run, floors: dict[str, Floors]) -> tuple[list[Broken], list[str]]:
    fallen: list[Broken] = []
    unchecked = []
    looked_at = {one.name for one in run.sets if applies(one)}
    for one in run.sets:
        kept = floors.get(one.name, {}).get(one.name)
        if not kept:
            continue
        if applies(one):
            fallen += broken(one, kept)
        elif one.name not in looked_at:
            unchecked.append(
                f"{one.key}: floors are for the program on the whole set; not looked at."
            )
    return fallen, unchecked


def _save(
    options: Options,
    run: Run,
    floors: dict[str, Floors],
    changes: dict[str, SetChange],
    fallen: Sequence[Broken],
    out: Console,
) -> None:
    if options.json is not None:
        save_run(run, options.json)
        out.print(Text(f"Saved {options.json}", style="dim"))
    if options.html is not None:
        _write(options.html, run_page(run, floors, changes, fallen))
        out.print(Text(f"Saved {options.html}", style="dim"))


def _compare(options: Options, out: Console) -> int:
    before, after = map(read_run, options.compare or ())
    changes = compare(before, after)
    if not changes:
        raise UsageError("The two runs have no set in common.")
    out.print(compare_view(changes))
    if options.html is not None:
        _write(options.html, compare_page(changes))
    if options.json is not None:
        _write(options.json, json.dumps([_change_dict(change) for change in changes], indent=1))
    return DONE


def _change_dict(change: SetChange) -> dict[str, Any]:
    return {
        "set": change.key,
        "items": change.shared,
        "figures": {
            one.figure.name: {
                "before": one.before,
                "after": one.after,
                "low": one.low,
                "high": one.high,
                "p": one.p,
                "verdict": one.verdict.value,
            }
            for one in change.changes
        },
        "changed": [
            {"id": after.id, "question": after.question, "right": after.values.get("right")}
            for _, after in change.items
        ],
    }


def _write(path: Path, text: str) -> None:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8", errors="replace")
    except OSError as error:
        raise StorageError(f"Cannot write {path}: {error.strerror}.") from error
