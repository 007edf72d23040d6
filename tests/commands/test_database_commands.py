"""The commands over conversations that are kept in a database, and what doctor finds there."""

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest
from test_store import turn

from askscwru import extras
from askscwru.addresses import DatabaseAddress
from askscwru.cli import FAILED, WRONG_USE, main
from askscwru.commands import doctor
from askscwru.commands.doctor import Finding, examine
from askscwru.conversation.database import DatabaseStore
from askscwru.conversation.opening import open_store
from askscwru.errors import UsageError
from askscwru.settings import Settings
from databases import PostgresServer


def found(address: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Finding:
    """What doctor finds of the conversations."""
    for other in ("_torch", "_seeds", "_index", "_reader"):  # not what is looked at here
        monkeypatch.setattr(doctor, other, lambda *_: iter(()))
    monkeypatch.setattr(doctor, "_torch", lambda _: Finding("torch", True, "not tried here"))
    findings = examine(Settings(conversations=address, embeddings=tmp_path))
    (finding,) = [f for f in findings if f.name == "conversations"]
    assert "geheim" not in f"{finding}"
    return finding


def test_doctor_counts_sound_conversations(
    database: DatabaseAddress, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    store = DatabaseStore(database)
    store.extend("talk", [turn(), turn()])
    store.close()
    finding = found(database, monkeypatch, tmp_path)
    assert finding == Finding("conversations", True, f"1 with 2 turns, in {database}")


def test_doctor_names_a_damaged_turn(
    database: DatabaseAddress,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    store = DatabaseStore(database)
    store.extend("talk", [turn(), turn()])
    store.close()
    postgres.execute("UPDATE askscwru.turns SET record = 'no' WHERE number = 2", database.name)
    finding = found(database, monkeypatch, tmp_path)
    assert "turn 2 of talk cannot be read, in postgresql://asker@" in finding.detail
    assert finding.remedy == "askscwru conversations delete talk"


@pytest.mark.parametrize(
    "fault", ["server", "name", "user", "password", "rights", "tables", "standby"]
)
def test_doctor_names_what_keeps_it_out_and_the_command_that_mends_it(
    fault: str,
    database: DatabaseAddress,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    port = postgres.port
    at = f"-h 127.0.0.1 -p {port}"
    whole = database.whole
    if fault == "tables":
        store = DatabaseStore(database)
        store.create()
        store.close()
    if fault in ("rights", "tables"):
        postgres.execute("CREATE ROLE guest LOGIN PASSWORD 'geheim'")
    if fault == "standby":
        standby = "ALTER DATABASE {} SET default_transaction_read_only = on"
        postgres.execute(standby.format(database.name))
    address, said, remedy = {
        "server": (whole.replace(f":{port}/", ":1/"), "refused", "pg_isready -h 127.0.0.1 -p 1"),
        "name": (
            whole.replace("/kept", "/none"),
            "does not exist",
            f"createdb {at} -U postgres -E UTF8 -T template0 -O asker none",
        ),
        "user": (whole.replace("//asker", "//nobody"), "password", f"psql {at} -U postgres -c"),
        "password": (whole.replace("geheim", "geheime"), "password", f"psql {at} -U postgres -c"),
        "rights": (
            f"postgresql://guest:geheim@127.0.0.1:{port}/{database.name}",
            "permission denied",
            "GRANT CREATE ON DATABASE",
        ),
        "tables": (
            f"postgresql://guest:geheim@127.0.0.1:{port}/{database.name}",
            "permission denied for schema",
            'GRANT ALL ON SCHEMA askscwru TO "guest"',
        ),
        "standby": (whole, "takes no writes", "Name the server that does"),
    }[fault]
    finding = found(DatabaseAddress(address), monkeypatch, tmp_path)
    assert not finding.sound
    assert said in finding.detail
    assert remedy in finding.remedy
    if fault in ("rights", "tables"):
        postgres.execute("DROP ROLE guest")


def test_conversations_are_listed_shown_named_and_taken_away(
    database: DatabaseAddress,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    store = DatabaseStore(database)
    store.append("abc1", turn("Do bees sleep?"))
    store.append("abd2", turn("Do wasps sleep?"))
    store.close()
    monkeypatch.setenv("ASKSCWRU_CONVERSATIONS", database.whole)

    def told(*given: str) -> Any:
        assert main(["conversations", *given, "--json"]) == 0
        return json.loads(capsys.readouterr().out)

    assert [one["title"] for one in told()] == ["Do wasps sleep?", "Do bees sleep?"]
    assert [one["conversation_id"] for one in told("search", "wasps", "sleep")] == ["abd2"]
    assert told("show", "last")["conversation_id"] == "abd2"
    assert told("rename", "abc", "Bees")["title"] == "Bees"
    assert told("delete", "abd")["conversation_id"] == "abd2"
    assert [one["conversation_id"] for one in told()] == ["abc1"]
    assert [one["conversation_id"] for one in told("--deleted")] == ["abd2"]
    assert told("restore", "abd")["conversation_id"] == "abd2"


def test_a_database_that_is_away_is_an_error_of_one_line(
    database: DatabaseAddress,
    postgres: PostgresServer,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASKSCWRU_CONVERSATIONS", database.whole)
    postgres.stop()
    try:
        for given in (["conversations"], ["token", "list"]):
            assert main(given) == FAILED
            said = capsys.readouterr().err
            assert "no connection to its server" in said
            assert "askscwru doctor" in said
            assert "geheim" not in said
            assert said.count("\n") == 1
    finally:
        postgres.start()


def test_tokens_are_kept_in_the_database(
    database: DatabaseAddress,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("ASKSCWRU_CONVERSATIONS", database.whole)
    assert main(["token", "add", "library"]) == 0
    assert capsys.readouterr().out.startswith("askscwru_")
    assert main(["token", "list"]) == 0
    assert capsys.readouterr().out.startswith("library\t20")
    assert main(["token", "remove", "library"]) == 0
    assert main(["token", "remove", "library"]) == WRONG_USE


def test_a_missing_driver_is_named_with_what_installs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert importlib.util.find_spec("askscwru")
    monkeypatch.setattr(extras, "find_spec", lambda _: None)
    settings = Settings(conversations=DatabaseAddress("postgresql://ada:geheim@host/kept"))
    with pytest.raises(UsageError, match=r"pip install 'askscwru\[postgres\]'") as told:
        open_store(settings)
    assert "geheim" not in str(told.value)
