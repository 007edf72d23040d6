"""Conversations that are kept: by many threads and processes, after a kill, on a bad disk."""

from __future__ import annotations

import json
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

import pytest

from askscwru.conversation import store as store_module
from askscwru.conversation.database import DatabaseStore
from askscwru.conversation.history import RECENT, History, exchanges_of
from askscwru.conversation.keeping import ConversationStore
from askscwru.conversation.store import APPLICATION, SCHEMA, Store
from askscwru.errors import NotFoundError, StorageError, UsageError
from askscwru.types import (
    AnswerPart,
    CitationRecord,
    Correction,
    Filters,
    Limits,
    Query,
    Span,
    Turn,
)
from fakes import SRC, run_python

KEPT = Path(__file__).with_name("kept_by_0_1.sqlite3")
"""A file as the version before limits were kept wrote it: six turns, two of them abstentions."""
CITATION = CitationRecord(
    index=1,
    quote="Bees sleep at night.",
    start=100,
    end=120,
    highlight=Span(114, 119),
    post_id="0123456789ab",
    title="Keeping bees in towns",
    authors=("Ada Holm",),
    source="000_bees.txt",
)


def turn(question: str = "Do bees sleep?", **changes: object) -> Turn:
    known: dict[str, object] = {
        "number": 0,
        "question": question,
        "searched_for": question,
        "answered": True,
        "confidence": 0.1 + 0.2,
        "text": "Bees sleep at night. [1]",
        "citations": (CITATION,),
        "corrections": (Correction("slep", "sleep"),),
        "alternatives": ("Do wasps sleep?",),
    }
    return Turn(**(known | changes))  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "deep" / "conversations.sqlite3"


@pytest.fixture
def store(path: Path) -> Iterator[Store]:
    opened = Store(path)
    yield opened
    opened.close()


@pytest.fixture(params=["file", "memory", "database"])
def either(request: pytest.FixtureRequest, path: Path) -> Iterator[ConversationStore]:
    opened: ConversationStore
    if request.param == "database":
        opened = DatabaseStore(request.getfixturevalue("database"))
    else:
        opened = Store(path) if request.param == "file" else Store.in_memory()
    yield opened
    opened.close()


def test_conversations_kept_before_limits_were_open_unchanged(tmp_path: Path) -> None:
    old = shutil.copy(KEPT, tmp_path)
    connection = sqlite3.connect(old)
    records = [json.loads(r) for (r,) in connection.execute("SELECT record FROM turns")]
    connection.close()
    opened = Store(Path(old))
    conversation = opened.conversation(opened.last())
    assert conversation.title == "Shared Lives and Finland"
    shown = [turn.to_dict() for turn in conversation.turns]
    assert len(shown) == len(records) == 6
    for new, kept in zip(shown, records, strict=True):
        limits = new.pop("limits")
        assert limits == Limits().to_dict()
        assert new.pop("kind") == ("answer" if kept["answered"] else "abstention")
        assert [new.pop(name) for name in ("total", "posts", "nearest", "advice", "parts")] == [
            None,
            [],
            [],
            [],
            [],
        ]
        assert (new.pop("short") is None) == (
            not kept["citations"] or kept["citations"][0]["highlight"] is None
        )
        assert all(citation.pop("group") is None for citation in new["citations"])
        kept["confidence"] = round(kept["confidence"], 4)
        assert new == kept
    assert [turn.answered for turn in conversation.turns] == [True, True, False, False, True, True]
    assert conversation.turns[0].citations[0].cut()[1] == "14,000"
    assert opened.append(conversation.id, turn()).number == 7
    assert opened.faults()[1:] == (7, [])
    opened.close()


def test_a_turn_keeps_the_limits_under_which_it_was_asked(either: ConversationStore) -> None:
    limits = Limits(filters=Filters(author="Ada Holm"), sort="date", text="posts by Ada Holm")
    known = either.create()
    either.append(known, turn(limits=limits))
    (read,) = either.recent(known, 1)
    assert read.limits == limits
    assert read.query == Query("Do bees sleep?", filters=limits.filters, sort="date")


def test_a_turn_comes_back_as_it_was_kept(either: ConversationStore) -> None:
    known = either.create()
    kept = either.append(known, turn())
    assert kept.number == 1
    assert kept.asked_at
    (read,) = either.recent(known, 5)
    assert read == kept
    assert read.confidence == 0.1 + 0.2
    assert read.citations[0].quote == "Bees sleep at night."
    assert exchanges_of((read,))[0].shown[0].highlight == "night"


def test_any_text_can_be_kept(either: ConversationStore) -> None:
    known = either.create()
    odd = "'; DROP TABLE turns; -- \ud800 谁 😀 %_! \x00"
    assert either.append(known, turn(odd)).question == odd
    assert either.conversation(known).turns[0].question == odd
    assert either.conversations(containing="谁")[0].id == known


def test_turns_are_numbered_from_1_and_the_last_ones_are_read_in_order(
    either: ConversationStore,
) -> None:
    known = either.create()
    for number in range(12):
        either.append(known, turn(f"Question {number}?"))
    assert [t.number for t in either.recent(known, 3)] == [10, 11, 12]
    assert [t.number for t in either.conversation(known).turns] == list(range(1, 13))
    assert either.conversation(known).count == 12


def test_only_the_last_turns_are_read(store: Store) -> None:
    known = store.create()
    for number in range(30):
        store.append(known, turn(f"Question {number}?"))
    with sqlite3.connect(store.path or "") as other:
        other.execute("UPDATE turns SET record = 'no JSON' WHERE number <= 20")
    other.close()
    assert len(store.recent(known, 10)) == 10
    with pytest.raises(StorageError, match="not as it was written"):
        store.conversation(known)


def test_an_unknown_conversation_is_an_error(either: ConversationStore) -> None:
    for unknown in ("nope", "", "\ud800"):
        with pytest.raises(NotFoundError, match="There is no conversation"):
            either.recent(unknown, 5)
    for change in (either.delete, either.undelete, either.conversation):
        with pytest.raises(NotFoundError):
            change("nope")
    with pytest.raises(NotFoundError, match="no conversation yet"):
        either.last()


def test_conversations_are_listed_newest_turn_first(either: ConversationStore) -> None:
    one, two = either.create(), either.create()
    either.append(one, turn("First of one?"))
    either.append(two, turn("First of two?"))
    either.append(one, turn("Second of one?"))
    listed = either.conversations()
    assert [(c.id, c.title, c.count) for c in listed] == [
        (one, "First of one?", 2),
        (two, "First of two?", 1),
    ]
    assert either.last() == one
    assert [c.id for c in either.conversations(most=1, skip=1)] == [two]


def test_conversations_are_found_by_any_of_their_words(either: ConversationStore) -> None:
    one, two = either.create(), either.create()
    either.append(one, turn("Do bees SLEEP?", text="They do.", citations=()))
    either.append(two, turn("What is 100% honey?", text="Honey.", citations=(CITATION,)))
    assert [c.id for c in either.conversations(containing="sleep Bees")] == [one]
    assert [c.id for c in either.conversations(containing="keeping towns")] == [two]
    assert [c.id for c in either.conversations(containing="100%")] == [two]
    assert either.conversations(containing="1%0") == ()
    either.rename(one, "Über Nacht")
    assert [c.id for c in either.conversations(containing="über")] == [one]


def test_a_title_can_be_given_but_not_a_blank_one(either: ConversationStore) -> None:
    known = either.create()
    either.append(known, turn())
    either.rename(known, "  Bees \n at night ")
    assert either.conversation(known).title == "Bees at night"
    for title in (" ", "x" * 201):
        with pytest.raises(UsageError):
            either.rename(known, title)


def test_a_deletion_can_be_undone_until_it_is_pruned(either: ConversationStore) -> None:
    known = either.create()
    either.append(known, turn())
    either.delete(known)
    assert either.conversations() == ()
    with pytest.raises(NotFoundError):
        either.recent(known, 5)
    either.undelete(known)
    assert either.conversation(known).count == 1
    with pytest.raises(NotFoundError):
        either.undelete(known)
    either.delete(known)
    later = datetime.now(UTC) + timedelta(hours=1)
    assert either.prune(deleted_before=later - timedelta(days=2)) == 0
    assert either.prune(deleted_before=later) == 1
    with pytest.raises(NotFoundError):
        either.undelete(known)


def test_pruning_leaves_what_is_used(path: Path) -> None:
    day = datetime(2020, 1, 1, tzinfo=UTC)
    times = iter(day + timedelta(days=n) for n in range(100))
    store = Store(path, clock=lambda: next(times))
    old, new = store.create(), store.create()
    store.append(new, turn())
    assert store.prune(deleted_before=day, unused_since=day + timedelta(days=1)) == 1
    assert [c.id for c in store.conversations()] == [new]
    with pytest.raises(NotFoundError):
        store.recent(old, 1)
    store.close()


def test_a_restart_finds_everything(path: Path) -> None:
    first = Store(path)
    known = first.create()
    first.append(known, turn())
    first.close()
    second = Store(path)
    assert second.append(known, turn("And in winter?")).number == 2
    assert [t.question for t in second.recent(known, 9)] == ["Do bees sleep?", "And in winter?"]
    second.close()


def test_threads_append_without_loss_or_repeat(store: Store) -> None:
    known = store.create()
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: store.append(known, turn(f"Q{n}?")), range(80)))
    assert sorted(t.number for t in kept) == list(range(1, 81))
    turns = store.conversation(known).turns
    assert [t.number for t in turns] == list(range(1, 81))
    assert {t.question for t in turns} == {f"Q{n}?" for n in range(80)}


def test_reading_the_last_turns_costs_the_same_however_long_the_talk_is(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done = 0

    def count() -> None:
        nonlocal done
        done += 1

    class Counted(sqlite3.Connection):
        def __init__(self, *given: object, **named: object) -> None:
            super().__init__(*given, **named)  # type: ignore[arg-type]
            self.set_progress_handler(count, 1)

    monkeypatch.setattr(store_module.sqlite3, "connect", partial(sqlite3.connect, factory=Counted))
    store, costs = Store(path), {}
    for length in range(1, 201):
        store.append("talk", turn(f"Q{length}?"))
        done = 0
        turns = store.recent("talk", RECENT)
        costs[length] = done
        assert turns[-1].question == f"Q{length}?"
    store.close()
    assert len(turns) == RECENT
    assert 0 < costs[200] <= costs[10] * 1.1


APPEND = """
import sys
from pathlib import Path
from askscwru.conversation.store import Store
from askscwru.types import Turn
path, known, name, many = sys.argv[1:]
store = Store(Path(path))
for n in range(int(many)):
    store.append(known, Turn(number=0, question=f"{name}{n}?", searched_for="", answered=False,
                             confidence=0.0, text="x" * 2000))
    print(n, flush=True)
"""


def test_processes_append_at_once_even_to_a_file_that_none_has_made(path: Path) -> None:
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda n: run_python(APPEND, path, "talk", n, 25), "abcd"))
    assert [d.returncode for d in done] == [0] * 4, [d.stderr for d in done]
    store = Store(path)
    turns = store.conversation("talk").turns
    assert [t.number for t in turns] == list(range(1, 101))
    assert {t.question for t in turns} == {f"{name}{n}?" for name in "abcd" for n in range(25)}
    store.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no SIGKILL")
def test_a_kill_in_the_middle_of_writing_loses_nothing_that_was_acknowledged(path: Path) -> None:
    writer = subprocess.Popen(
        [sys.executable, "-c", APPEND, str(path), "talk", "q", "100000"],
        stdout=subprocess.PIPE,
        text=True,
        env={"PYTHONPATH": str(SRC), "PATH": ""},
    )
    assert writer.stdout is not None
    told = [writer.stdout.readline() for _ in range(20)]
    writer.send_signal(signal.SIGKILL)
    told += writer.stdout.read().splitlines()
    writer.stdout.close()
    writer.wait()
    store = Store(path)
    turns = store.conversation("talk").turns
    assert [t.number for t in turns] == list(range(1, len(turns) + 1))
    assert len(turns) >= len(told)
    assert store.append("talk", turn()).number == len(turns) + 1
    store.close()


def test_a_locked_file_is_an_error_after_the_wait(path: Path) -> None:
    store = Store(path, busy_seconds=0.05)
    known = store.create()
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StorageError, match=r"locked.*try again"):
        store.append(known, turn())
    assert store.recent(known, 5) == ()
    other.execute("ROLLBACK")
    other.close()
    assert store.append(known, turn()).number == 1
    store.close()


def test_a_file_that_is_none_of_ours_is_left_alone(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"not a database at all" * 100)
    with pytest.raises(StorageError, match="Move the file away"):
        Store(path).create()
    assert path.read_bytes() == b"not a database at all" * 100
    path.unlink()
    other = sqlite3.connect(path)
    other.execute("CREATE TABLE theirs (x)")
    other.commit()
    other.close()
    with pytest.raises(StorageError, match="not a file of conversations"):
        Store(path).create()


def test_a_damaged_file_is_an_error_that_names_it(path: Path) -> None:
    store = Store(path)
    known = store.create()
    for _ in range(40):
        store.append(known, turn(text="x" * 3000))
    store.close()
    data = bytearray(path.read_bytes())
    data[4096:] = b"\xff" * (len(data) - 4096)
    path.write_bytes(bytes(data))
    with pytest.raises(StorageError, match=r"conversations\.sqlite3 cannot be used"):
        Store(path).recent(known, 5)


def test_a_later_format_is_left_alone(path: Path) -> None:
    store = Store(path)
    store.create()
    store.close()
    with sqlite3.connect(path) as other:
        other.execute(f"PRAGMA user_version = {SCHEMA + 1}")
        assert other.execute("PRAGMA application_id").fetchone() == (APPLICATION,)
    other.close()
    with pytest.raises(StorageError, match="later askscwru"):
        Store(path).conversations()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StorageError, match="cannot be used"):
        Store(tmp_path / "file" / "conversations.sqlite3").create()


def test_a_full_disk_is_said_and_changes_nothing(path: Path) -> None:
    store = Store(path)
    known = store.create()
    connection = store._open()
    connection.execute("PRAGMA max_page_count = 8")
    with pytest.raises(StorageError, match="Free some space"):
        store.append(known, turn(text="x" * 100_000))
    assert store.recent(known, 5) == ()
    connection.execute("PRAGMA max_page_count = 100000")
    assert store.append(known, turn()).number == 1
    store.close()


def test_memory_holds_the_newest_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(store_module, "IN_MEMORY", 3)
    store = Store.in_memory()
    for number in range(5):
        store.append(f"c{number}", turn())
    assert [c.id for c in store.conversations()] == ["c4", "c3", "c2"]
    store.close()


# -- history: whatever becomes of the store --------------------------------------------------------


def test_a_turn_that_cannot_be_kept_is_said_and_the_talk_goes_on(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    history = History(Store(tmp_path / "file" / "conversations.sqlite3"))
    known, kept, notes = history.keep(None, turn("One?"), ())
    assert kept.number == 1
    assert "could not be kept" in notes[0]
    turns, notes = history.recent(known)
    assert ([t.question for t in turns], notes) == (["One?"], [])
    assert history.keep(known, turn("Two?"), turns)[1].number == 2
    history.close()


@contextmanager
def held(path: Path) -> Iterator[None]:
    """Another process holds the file, so that nobody else can write."""
    other = sqlite3.connect(path, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        yield
    finally:
        other.execute("ROLLBACK")
        other.close()


def go_on(history: History, known: str | None, question: str) -> tuple[str, Turn, list[str]]:
    """Asks as the assistant does."""
    earlier, _ = history.recent(known)
    return history.keep(known, turn(question), earlier)


def questions(path: Path, known: str) -> list[str]:
    """What the file has of a conversation, read as a later process reads it."""
    store = Store(path)
    try:
        return [t.question for t in store.conversation(known).turns]
    finally:
        store.close()


def test_what_could_not_be_kept_is_written_in_order_with_the_next_turn_that_can_be(
    path: Path,
) -> None:
    history = History(Store(path, busy_seconds=0.02))
    known, _, _ = history.keep(None, turn("One?"), ())
    with held(path):
        for number, question in ((2, "Two?"), (3, "Three?")):
            _, kept, notes = go_on(history, known, question)
            assert kept.number == number
            assert "could not be kept" in notes[0]
        assert "and the 1 before it" in notes[0]
        shown = history.conversation(known)
        assert [t.question for t in shown.turns] == ["One?", "Two?", "Three?"]
        assert shown.count == 3
        assert [t.number for t in history.recent(known)[0]] == [1, 2, 3]
    _, kept, notes = go_on(history, known, "Four?")
    assert (kept.number, notes) == (4, [])
    assert questions(path, known) == ["One?", "Two?", "Three?", "Four?"]
    history.close()


def test_what_one_conversation_could_not_keep_is_written_with_the_next_of_any_or_at_the_end(
    path: Path,
) -> None:
    history = History(Store(path, busy_seconds=0.02))
    go_on(history, None, "First?")
    with held(path):
        one, _, _ = go_on(history, None, "One?")
    two, _, notes = go_on(history, None, "Two?")
    assert notes == []
    assert questions(path, one) == ["One?"]
    with held(path):
        go_on(history, two, "Three?")
    history.close()
    assert questions(path, two) == ["Two?", "Three?"]


def test_what_could_not_be_kept_is_written_when_it_can_be_without_another_turn(
    path: Path,
) -> None:
    history = History(Store(path, busy_seconds=0.02))
    known, _, _ = go_on(history, None, "One?")
    with held(path):
        go_on(history, known, "Two?")
        history.catch_up()
        assert [t.question for t in history.conversation(known).turns] == ["One?", "Two?"]
    history.catch_up()
    assert questions(path, known) == ["One?", "Two?"]
    assert [t.number for t in history.recent(known)[0]] == [1, 2]
    history.close()


def test_turns_that_are_written_while_they_are_read_are_not_written_twice(path: Path) -> None:
    class Slow(Store):
        def recent(self, conversation_id: str, most: int) -> tuple[Turn, ...]:
            found = super().recent(conversation_id, most)
            history.catch_up()
            return found

    history = History(Slow(path, busy_seconds=0.02))
    known, _, _ = go_on(history, None, "One?")
    with held(path):
        go_on(history, known, "Two?")
    _, kept, _ = go_on(history, known, "Three?")
    assert kept.number == 3
    assert questions(path, known) == ["One?", "Two?", "Three?"]
    history.close()


def test_a_file_that_is_taken_away_or_replaced_is_begun_anew_with_what_is_remembered(
    path: Path,
) -> None:
    history = History(Store(path))
    known, _, _ = go_on(history, None, "One?")
    for question in ("Two?", "Three?"):
        if question == "Two?":
            shutil.rmtree(path.parent)
        else:
            other = Store(path.with_name("other"))
            other.create()
            other.close()
            path.with_name("other").replace(path)
        _, kept, notes = go_on(history, known, question)
        assert "deleted or replaced" in notes[0]
        assert questions(path, known)[-1] == question
    assert questions(path, known) == ["One?", "Two?", "Three?"]
    assert kept.number == 3
    assert go_on(history, known, "Four?")[2] == []
    history.close()


def test_a_file_replaced_in_the_middle_of_a_write_is_an_error(path: Path) -> None:
    class Late(Store):
        def now(self) -> str:
            (self.path or path).unlink(missing_ok=True)
            return super().now()

    with pytest.raises(StorageError, match="deleted or replaced"):
        Late(path).append("talk", turn())


@pytest.mark.parametrize("unkept", [False, True])
def test_a_deleted_conversation_is_gone_also_where_it_was_not_kept(
    path: Path, unkept: bool
) -> None:
    history = History(Store(path, busy_seconds=0.02))
    known, _, _ = go_on(history, None, "One?")
    fresh = known
    if unkept:
        with held(path):
            go_on(history, known, "Two?")
            fresh, _, _ = go_on(history, None, "Other?")
        assert [t.question for t in history.conversation(fresh).turns] == ["Other?"]
    for gone in {known, fresh}:
        history.delete(gone)
        for look in (history.recent, history.conversation, history.delete):
            with pytest.raises(NotFoundError):
                look(gone)
    go_on(history, None, "Three?")
    assert [c.title for c in history.store.conversations()] == ["Three?"]
    history.close()


def test_a_conversation_that_another_process_deletes_stays_deleted(path: Path) -> None:
    history = History(Store(path, busy_seconds=0.02))
    known, _, _ = go_on(history, None, "One?")
    earlier, _ = history.recent(known)
    with held(path):
        go_on(history, known, "Two?")
    Store(path).delete(known)
    _, _, notes = history.keep(known, turn("Under way?"), earlier)
    assert "deleted meanwhile" in notes[0]
    with pytest.raises(NotFoundError):
        history.recent(known)
    memory = History(Store.in_memory())
    known, _, _ = go_on(memory, None, "One?")
    memory.store.delete(known)
    with pytest.raises(NotFoundError):
        memory.recent(known)
    history.close()


def test_the_last_conversation_is_the_one_written_last_whatever_the_clock_says(
    path: Path,
) -> None:
    day = datetime(2020, 6, 1, tzinfo=UTC)
    store = Store(path, clock=lambda: day)
    store.append("early", turn("Early?"))
    day -= timedelta(days=90)
    store.append("late", turn("Late?"))
    store.create()
    assert store.last() == "late"
    assert [c.id for c in store.conversations()][:2] == ["late", "early"]
    store.append("early", turn("Again?"))
    assert store.last() == "early"
    store.close()


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_the_file_and_its_journals_are_their_owners_alone(path: Path) -> None:
    def modes() -> dict[str, int]:
        return {p.name.rpartition("sqlite3")[2]: p.stat().st_mode & 0o777 for p in found()}

    def found() -> list[Path]:
        return sorted(path.parent.glob("*.sqlite3*"))

    store = Store(path)
    store.append("talk", turn())
    assert modes() == {"": 0o600, "-wal": 0o600, "-shm": 0o600}
    for mode, becomes in ((0o644, 0o600), (0o660, 0o660)):  # open to all by chance; on purpose
        for each in found():
            each.chmod(mode)
        other = Store(path)
        other.last()
        assert set(modes().values()) == {becomes}
        other.close()
    store.close()


def test_a_conversation_that_cannot_be_read_is_said(path: Path) -> None:
    path.parent.mkdir(parents=True)
    path.write_bytes(b"damaged" * 1000)
    turns, notes = History(Store(path)).recent("known")
    assert turns == ()
    assert "taken by itself" in notes[0]


def test_no_more_turns_than_matter_are_read(store: Store) -> None:
    history = History(store)
    known, _, _ = history.keep(None, turn(), ())
    for _ in range(20):
        history.keep(known, turn(), ())
    assert len(history.recent(known)[0]) == RECENT


def test_a_turn_is_json_that_a_client_can_show(store: Store) -> None:
    known = store.create()
    store.append(known, turn())
    shown = json.loads(json.dumps(store.conversation(known).to_dict()))
    assert shown["conversation_id"] == known
    assert shown["turns"][0]["answer"] == "Bees sleep at night. [1]"
    assert shown["turns"][0]["corrections"] == [{"from": "slep", "to": "sleep"}]
    assert datetime.fromisoformat(shown["created_at"]).timestamp() <= time.time() + 1


def test_the_questions_of_a_double_question_are_kept_with_what_came_of_each(store: Store) -> None:
    first = AnswerPart(
        question="Who keeps bees?",
        searched_for="Who keeps bees?",
        answered=True,
        confidence=0.1 + 0.2,
        text="Bees sleep at night. [1]",
        citations=(1,),
    )
    second = replace(first, question="and when?", answered=False, text="", citations=())
    double = turn("Who keeps bees and when?", parts=(first, second))
    known = store.append("a" * 32, double)
    kept = store.conversation("a" * 32).turns[0]
    assert known.parts == kept.parts == (first, second)
    assert kept.to_dict()["parts"][0]["confidence"] == 0.3
    asked = exchanges_of((kept,))
    assert [one.question for one in asked] == ["Who keeps bees?", "and when?"]
    assert [len(one.shown) for one in asked] == [1, 0]
