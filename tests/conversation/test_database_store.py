"""Conversations in a database: numbered by many machines, kept once, found again after a crash."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from test_store import go_on, turn

from askscwru.addresses import DatabaseAddress
from askscwru.conversation.database import DatabaseStore
from askscwru.conversation.history import RECENT, History
from askscwru.errors import InDoubtError, NotFoundError, StorageError
from askscwru.postgres import server as server_module
from askscwru.postgres.server import migrations
from askscwru.types import Turn
from databases import PostgresServer
from fakes import run_python


@pytest.fixture
def store(database: DatabaseAddress) -> Iterator[DatabaseStore]:
    opened = DatabaseStore(database)
    yield opened
    opened.close()


@pytest.fixture
def other(database: DatabaseAddress) -> Iterator[DatabaseStore]:
    """The store of another machine."""
    opened = DatabaseStore(database)
    yield opened
    opened.close()


def numbers(store: DatabaseStore, known: str) -> list[int]:
    return [t.number for t in store.conversation(known).turns]


def asked(store: DatabaseStore, known: str) -> list[str]:
    return [t.question for t in store.conversation(known).turns]


APPEND = """
import sys
from askscwru.addresses import DatabaseAddress
from askscwru.conversation.database import DatabaseStore
from askscwru.types import Turn
url, known, name, many = sys.argv[1:]
store = DatabaseStore(DatabaseAddress(url))
for n in range(int(many)):
    store.append(known, Turn(number=0, question=f"{name}{n}?", searched_for="", answered=False,
                             confidence=0.0, text="x" * 2000))
"""


def test_processes_append_at_once_even_to_a_database_without_tables(
    database: DatabaseAddress,
) -> None:
    with ThreadPoolExecutor(3) as pool:
        done = list(pool.map(lambda n: run_python(APPEND, database.whole, "talk", n, 20), "abc"))
    assert [d.returncode for d in done] == [0] * 3, [d.stderr for d in done]
    store = DatabaseStore(database)
    assert numbers(store, "talk") == list(range(1, 61))
    assert set(asked(store, "talk")) == {f"{name}{n}?" for name in "abc" for n in range(20)}
    store.close()


def test_threads_append_without_loss_or_repeat(store: DatabaseStore) -> None:
    known = store.create()
    with ThreadPoolExecutor(8) as pool:
        kept = list(pool.map(lambda n: store.append(known, turn(f"Q{n}?")), range(60)))
    assert sorted(t.number for t in kept) == list(range(1, 61))
    assert numbers(store, known) == list(range(1, 61))


def test_pruning_leaves_what_is_used_and_forgets_whose_the_rest_was(
    database: DatabaseAddress, postgres: PostgresServer
) -> None:
    day = datetime(2020, 1, 1, tzinfo=UTC)
    times = iter(day + timedelta(days=n) for n in range(100))
    store = DatabaseStore(database, clock=lambda: next(times))
    old, new = store.create(), store.create()
    for known in (old, new):
        store.own(known, "library")
    store.append(new, turn())
    assert store.prune(deleted_before=day) == 0
    assert store.prune(deleted_before=day, unused_since=day + timedelta(days=1)) == 1
    assert [c.id for c in store.conversations(owner="library")] == [new]
    assert postgres.execute("SELECT COUNT(*) FROM askscwru.owners", database.name) == [(1,)]
    store.close()


def test_a_list_is_its_owners_and_the_first_who_is_named_stays_it(store: DatabaseStore) -> None:
    one, two = store.create(), store.create()
    for known, owner in ((one, "ada"), (two, "ben"), (one, "ben")):
        store.own(known, owner)
    assert [c.id for c in store.conversations(owner="ada")] == [one]
    assert [c.id for c in store.conversations(owner="ben")] == [two]
    assert store.conversations(owner="a\x00da") == ()


def test_a_conversation_is_found_by_the_beginning_of_its_id(store: DatabaseStore) -> None:
    store.append("abc1", turn())
    store.append("abd_", turn())
    assert store.find("ABC") == "abc1"
    with pytest.raises(NotFoundError):
        store.find("ab_")
    store.delete("abc1")
    assert store.find("ab") == "abd_"
    assert store.find("a", deleted=True) == "abc1"


# -- the server goes away --------------------------------------------------------------------------


def test_a_server_that_was_started_anew_is_gone_on_with_unnoticed(
    store: DatabaseStore, postgres: PostgresServer
) -> None:
    store.append("talk", turn("One?"))
    for how in ("immediate", "fast"):
        postgres.stop(how)
        postgres.start()
        store.append("talk", turn(f"After {how}?"))
    assert asked(store, "talk") == ["One?", "After immediate?", "After fast?"]


def test_a_server_that_is_away_is_an_error_that_names_it_and_no_password(
    store: DatabaseStore, postgres: PostgresServer, caplog: pytest.LogCaptureFixture
) -> None:
    store.append("talk", turn("One?"))
    postgres.stop()
    try:
        with (
            caplog.at_level(logging.DEBUG),
            pytest.raises(StorageError, match="no connection to its server") as told,
        ):
            store.append("talk", turn("Two?"))
        assert str(store.server.address) in str(told.value)
        said = store.server.why_not()
        assert "refused" in said
        for text in (str(told.value), repr(told.value), caplog.text, said, repr(store.server)):
            assert "geheim" not in text
    finally:
        postgres.start()
    store.append("talk", turn("Two?"))
    assert asked(store, "talk") == ["One?", "Two?"]


def test_a_wrong_password_is_not_repeated(database: DatabaseAddress) -> None:
    wrong = DatabaseAddress(database.whole.replace("geheim", "heimlich"))
    store = DatabaseStore(wrong)
    with pytest.raises(StorageError) as told:
        store.create()
    said = store.server.why_not()
    assert "password authentication failed" in said
    assert "heimlich" not in f"{told.value} {told.value.__cause__} {said}"


def test_a_connection_that_is_lost_in_the_middle_of_a_turn_keeps_it_once(
    store: DatabaseStore, database: DatabaseAddress, postgres: PostgresServer
) -> None:
    store.append("talk", turn("One?"))
    begun = store._extended

    def cut_off(connection: Any, *given: Any) -> tuple[Turn, ...]:
        kept = begun(connection, *given)
        if cuts:
            cuts.pop()
            postgres.execute(
                "SELECT pg_terminate_backend(%s)", values=(connection.info.backend_pid,)
            )
        return kept

    cuts = [1]
    store._extended = cut_off  # type: ignore[method-assign]
    assert store.append("talk", turn("Two?")).number == 2
    assert (asked(store, "talk"), cuts) == (["One?", "Two?"], [])


class CommitCutOff:
    """The server is told to commit, and the connection ends before its answer is read."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, *, arrives: bool) -> None:
        self.cuts = 1
        self._arrives = arrives
        connect = server_module.Server._connect

        def connected(server: server_module.Server) -> Any:
            return self._watched(connect(server))

        monkeypatch.setattr(server_module.Server, "_connect", connected)

    def _watched(self, connection: Any) -> Any:
        import psycopg

        execute = connection.execute
        wrote = False

        def executed(statement: str, *given: Any) -> Any:
            nonlocal wrote
            wrote = wrote or "UPDATE askscwru.conversations" in statement
            if statement == "COMMIT" and wrote and self.cuts:
                self.cuts -= 1
                if self._arrives:
                    execute(statement)
                connection.close()
                raise psycopg.OperationalError("server closed the connection unexpectedly")
            return execute(statement, *given)

        connection.execute = executed
        return connection


@pytest.mark.parametrize("arrives", [True, False])
def test_a_commit_that_was_cut_off_is_asked_after_so_that_the_turn_is_kept_once(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    cut = CommitCutOff(monkeypatch, arrives=arrives)
    assert store.append("talk", turn("One?")).number == 1
    assert (asked(store, "talk"), cut.cuts) == (["One?"], 0)


@pytest.mark.parametrize("arrives", [True, False])
def test_a_turn_in_doubt_that_comes_again_is_kept_once_although_others_came_between(
    store: DatabaseStore, other: DatabaseStore, monkeypatch: pytest.MonkeyPatch, arrives: bool
) -> None:
    other.append("talk", turn("One?"))
    history = History(store)
    earlier, _ = history.recent("talk")
    with monkeypatch.context() as patch:
        store.close()
        CommitCutOff(patch, arrives=arrives)
        patch.setattr(store.server, "committed", lambda *_: None)
        _, kept, notes = history.keep("talk", turn("Two?"), earlier)
        assert kept.number == 2
        assert "lost in a commit" in notes[0]
    store.close()
    other.append("talk", turn("Meanwhile?"))
    _, kept, notes = go_on(history, "talk", "Three?")
    assert notes == []
    assert numbers(store, "talk") == [1, 2, 3, 4]
    assert sorted(asked(store, "talk")) == ["Meanwhile?", "One?", "Three?", "Two?"]
    assert kept.number == 4
    history.close()


def test_a_turn_in_doubt_does_not_swallow_another_one(
    store: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    store.create()
    with monkeypatch.context() as patch:
        store.close()
        CommitCutOff(patch, arrives=True)
        patch.setattr(store.server, "committed", lambda *_: None)
        with pytest.raises(InDoubtError):
            store.append("talk", turn("One?"))
    store.close()
    assert store.append("talk", turn("Two?")).number == 2
    assert asked(store, "talk") == ["One?", "Two?"]


# -- several machines ------------------------------------------------------------------------------


def test_a_turn_waits_for_the_turn_of_another_machine(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    order: list[str] = []
    entered, leave = threading.Event(), threading.Event()

    def first() -> None:
        with store.alone("talk"):
            entered.set()
            assert leave.wait(20)
            store.append("talk", turn("One?"))
            order.append("first")

    def second() -> None:
        with other.alone("talk"):
            order.append("second")
            other.append("talk", turn("Two?"))

    with ThreadPoolExecutor(2) as pool:
        one = pool.submit(first)
        assert entered.wait(20)
        two = pool.submit(second)
        with other.alone("another"):  # nobody waits for another conversation
            assert order == []
        leave.set()
        one.result(20)
        two.result(20)
    assert order == ["first", "second"]
    assert asked(store, "talk") == ["One?", "Two?"]


def test_a_turn_is_not_kept_waiting_for_ever(
    store: DatabaseStore, other: DatabaseStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_module, "TURN_SECONDS", 0.05)
    with (
        store.alone("talk"),
        pytest.raises(StorageError, match="another process"),
        other.alone("talk"),
    ):
        raise AssertionError("it came in")
    with other.alone("talk"):
        pass


def test_a_machine_that_dies_in_its_turn_keeps_nobody_waiting(
    store: DatabaseStore, other: DatabaseStore, postgres: PostgresServer
) -> None:
    other.create()
    with store.alone("talk"):
        held = store.server._held()
        postgres.execute("SELECT pg_terminate_backend(%s)", values=(held.info.backend_pid,))
        with other.alone("talk"):
            other.append("talk", turn("Two?"))
        store.append("talk", turn("One?"))  # on another connection
    assert asked(store, "talk") == ["Two?", "One?"]


def test_a_row_that_another_holds_is_an_error_after_the_wait(
    database: DatabaseAddress, postgres: PostgresServer
) -> None:
    import psycopg

    store = DatabaseStore(database, busy_seconds=0.05)
    store.append("talk", turn("One?"))
    with psycopg.connect(database.whole) as holder:
        holder.execute("SELECT * FROM askscwru.conversations FOR UPDATE")
        with pytest.raises(StorageError, match=r"another process.*Try again"):
            store.append("talk", turn("Two?"))
        assert [t.question for t in store.recent("talk", 5)] == ["One?"]
    assert store.append("talk", turn("Two?")).number == 2
    store.close()


# -- history over a database -----------------------------------------------------------------------


def test_what_another_machine_deleted_stays_deleted_here(
    store: DatabaseStore, other: DatabaseStore
) -> None:
    history = History(store)
    known, _, _ = go_on(history, None, "One?")
    earlier, _ = history.recent(known)
    other.delete(known)
    with pytest.raises(NotFoundError):
        history.recent(known)
    assert "deleted meanwhile" in history.keep(known, turn("Two?"), earlier)[2][0]
    with pytest.raises(NotFoundError):
        history.recent(known)


def test_a_database_that_is_away_refuses_to_go_on_and_takes_up_what_was_new_in_order(
    store: DatabaseStore, other: DatabaseStore, postgres: PostgresServer
) -> None:
    history = History(store)
    known, _, _ = go_on(history, None, "One?")
    earlier, _ = history.recent(known)
    postgres.stop()
    try:
        # Another machine may have turns of it that are not known here.
        with pytest.raises(StorageError), history.alone(known):
            pass
        with pytest.raises(StorageError):
            history.recent(known)
        # But what was being answered, and what is new, is answered, and said not to be kept.
        _, kept, notes = history.keep(known, turn("Two?"), earlier)
        assert (kept.number, "could not be kept" in notes[0]) == (2, True)
        fresh, _, notes = go_on(history, None, "Fresh?")
        assert "could not be kept" in notes[0]
        with history.alone(known):
            _, kept, notes = go_on(history, known, "Three?")
        assert (kept.number, "and the 1 before it" in notes[0]) == (3, True)
        history.catch_up()
    finally:
        postgres.start()
    history.catch_up()
    assert asked(other, known) == ["One?", "Two?", "Three?"]
    assert asked(other, fresh) == ["Fresh?"]
    assert go_on(history, known, "Four?")[2] == []
    assert numbers(other, known) == [1, 2, 3, 4]
    history.close()


def test_a_database_that_was_made_anew_is_begun_with_what_is_remembered(
    store: DatabaseStore, database: DatabaseAddress, postgres: PostgresServer
) -> None:
    history = History(store)
    known, _, _ = go_on(history, None, "One?")
    postgres.execute(f"DROP DATABASE {database.name} WITH (FORCE)")
    postgres.execute(f"CREATE DATABASE {database.name}")
    _, kept, notes = go_on(history, known, "Two?")
    assert kept.number == 2
    assert "replaced" in notes[0]
    assert asked(store, known) == ["One?", "Two?"]
    history.close()


def test_no_more_turns_than_matter_are_read(store: DatabaseStore) -> None:
    history = History(store)
    known, _, _ = history.keep(None, turn(), ())
    history.store.extend(known, [turn()] * 20)
    assert [t.number for t in history.recent(known)[0]] == list(range(22 - RECENT, 22))
    history.close()


# -- tables ----------------------------------------------------------------------------------------


def test_tables_are_made_by_numbered_steps_and_each_is_applied_once(
    database: DatabaseAddress, postgres: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = migrations()
    assert [number for number, _ in known] == list(range(1, len(known) + 1))
    monkeypatch.setattr(server_module, "migrations", lambda: known[:1])
    early = DatabaseStore(database)
    early.append("talk", turn())
    early.close()
    monkeypatch.undo()
    later = DatabaseStore(database)
    assert later.append("talk", turn()).number == 2
    later.close()
    applied = "SELECT number FROM askscwru.migrations ORDER BY number"
    assert postgres.execute(applied, database.name) == [(number,) for number, _ in known]


def test_tables_of_a_later_version_are_left_alone(
    store: DatabaseStore, database: DatabaseAddress, postgres: PostgresServer
) -> None:
    store.create()
    store.close()
    postgres.execute("INSERT INTO askscwru.migrations VALUES (9999)", database.name)
    with pytest.raises(StorageError, match="later askscwru"):
        store.conversations()


def test_a_database_that_cannot_hold_every_text_is_refused(postgres: PostgresServer) -> None:
    postgres.execute("CREATE DATABASE narrow ENCODING 'LATIN1' TEMPLATE template0")
    with pytest.raises(StorageError, match=r"LATIN1.*UTF-8"):
        DatabaseStore(postgres.address("narrow")).create()


def test_a_damaged_turn_is_named(
    store: DatabaseStore, database: DatabaseAddress, postgres: PostgresServer
) -> None:
    store.extend("talk", [turn("One?"), turn("Two?")])
    postgres.execute("UPDATE askscwru.turns SET record = 'no' WHERE number = 2", database.name)
    assert store.faults() == (1, 2, [("talk", 2)])
    with pytest.raises(StorageError, match="not as it was written"):
        store.recent("talk", 5)
