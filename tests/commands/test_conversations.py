"""Conversations that are kept: listed, shown, found, named and taken away at the command line."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

import pytest

from askscwru.cli import ANSWERED, FAILED, WRONG_USE, main
from askscwru.commands import doctor
from askscwru.conversation.store import Store
from askscwru.errors import NotFoundError, UsageError
from askscwru.settings import Settings
from askscwru.types import CitationRecord, Turn

Capture = pytest.CaptureFixture[str]
BEES, CARE = "bee" + "0" * 29, "ca2e" + "1" * 28


def _turn(question: str, answer: str, **changes: object) -> Turn:
    known: dict[str, object] = {
        "number": 0,
        "question": question,
        "searched_for": question,
        "answered": True,
        "confidence": 0.9,
        "text": answer,
        "citations": (
            CitationRecord(
                index=1,
                quote="Bees sleep at night.",
                start=4,
                end=24,
                post_id="0123456789ab",
                title="Bees in towns",
                authors=("Ada Holm",),
                source="000_bees.txt",
            ),
        ),
    }
    return Turn(**(known | changes))  # type: ignore[arg-type]


@pytest.fixture
def path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    path = tmp_path / "conversations.sqlite3"
    monkeypatch.setenv("ASKSCWRU_CONVERSATIONS", str(path))
    return path


@pytest.fixture
def kept(path: Path) -> Path:
    store = Store(path)
    store.append(BEES, _turn("Do bees sleep?", "Bees sleep at night. [1]"))
    resolved = _turn("where?", "In the hive. [1]", searched_for="Where do bees sleep?")
    store.append(BEES, resolved)
    store.append(CARE, _turn("Who pays for care?\x1b[31m", "The council pays. [1]"))
    store.close()
    return path


def run(*arguments: str, expect: int = ANSWERED) -> None:
    assert main(["conversations", *arguments]) == expect


def test_the_newest_is_listed_first_with_title_turns_and_a_short_id(
    kept: Path, capsys: Capture
) -> None:
    run()
    lines = capsys.readouterr().out.splitlines()
    assert lines[1].startswith("ca2e1111")
    assert lines[2].startswith("bee00000")
    assert "Do bees sleep?" in lines[2]
    assert " 2 " in lines[2]


def test_what_others_typed_cannot_steer_the_terminal(kept: Path, capsys: Capture) -> None:
    run()
    run("show", "ca2e")
    assert "\x1b[31m" not in capsys.readouterr().out


def test_the_list_is_json_when_asked(kept: Path, capsys: Capture) -> None:
    run("--json")
    listed = json.loads(capsys.readouterr().out)
    assert [one["conversation_id"] for one in listed] == [CARE, BEES]
    assert listed[1]["count"] == 2
    assert "turns" not in listed[1]


def test_listing_where_none_was_kept_says_so_and_makes_no_file(path: Path, capsys: Capture) -> None:
    run()
    run("--json")
    shown = capsys.readouterr().out
    assert "No conversation is kept" in shown
    assert "[]" in shown
    assert not path.exists()


def test_one_is_shown_by_the_beginning_of_its_id(kept: Path, capsys: Capture) -> None:
    run("show", "bee")
    shown = capsys.readouterr().out
    assert "1. Do bees sleep?" in shown
    assert "searched for: Where do bees sleep?" in shown
    assert "In the hive. [1]" in shown
    assert "Bees in towns" in shown
    run("show", "last", "--json")
    assert json.loads(capsys.readouterr().out)["conversation_id"] == CARE


def test_an_id_that_fits_several_or_none_is_refused(kept: Path, capsys: Capture) -> None:
    store = Store(kept)
    store.append("bee9" + "2" * 28, _turn("And wasps?", "No."))
    store.close()
    run("show", "bee", expect=WRONG_USE)
    assert "2 conversations" in capsys.readouterr().err
    run("show", "zz", expect=WRONG_USE)
    assert "no conversation 'zz'" in capsys.readouterr().err


def test_a_whole_id_is_taken_even_where_others_begin_with_it(path: Path) -> None:
    store = Store(path)
    for name in ("talk", "talk-2"):
        store.append(name, _turn("Do bees sleep?", "Yes."))
    assert store.find("talk") == "talk"
    with pytest.raises(UsageError):
        store.find("tal")
    with pytest.raises(NotFoundError):
        store.find("%")
    store.close()


def test_one_gets_a_name_of_its_own(kept: Path, capsys: Capture) -> None:
    run("rename", "bee", "Sleeping", "bees")
    run()
    assert "Sleeping bees" in capsys.readouterr().out
    run("rename", "bee", " ", expect=WRONG_USE)
    assert "blank" in capsys.readouterr().err


def test_one_is_deleted_and_comes_back(kept: Path, capsys: Capture) -> None:
    run("delete", "bee")
    told = capsys.readouterr().out
    assert f"askscwru conversations restore {BEES[:8]}" in told
    run("show", "bee", expect=WRONG_USE)
    run("--deleted")
    assert "bee00000" in capsys.readouterr().out
    run("restore", "bee", "--json")
    assert json.loads(capsys.readouterr().out)["conversation_id"] == BEES
    run("show", "bee")
    run("restore", "bee", expect=WRONG_USE)
    assert "is not deleted" in capsys.readouterr().err


def test_words_find_the_conversations_that_hold_them_all(kept: Path, capsys: Capture) -> None:
    run("search", "HIVE", "in", "--json")
    assert [c["conversation_id"] for c in json.loads(capsys.readouterr().out)] == [BEES]
    run("search", "submarines")
    assert "No conversation holds" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [(("--limit", "0"), "at least 1"), (("search", " "), "no word"), (("show", ""), "no conv")],
)
def test_senseless_arguments_are_named(
    kept: Path, capsys: Capture, arguments: tuple[str, ...], reason: str
) -> None:
    run(*arguments, expect=WRONG_USE)
    assert reason in capsys.readouterr().err


def test_asking_goes_on_by_the_beginning_of_an_id(
    kept: Path, settings: Settings, capsys: Capture
) -> None:
    where = ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]
    main(["ask", "How many people use Shared Lives?", "--conversation", "bee", "--json", *where])
    answer = json.loads(capsys.readouterr().out)
    assert (answer["conversation_id"], answer["turn"]) == (BEES, 3)


@pytest.fixture
def _torch_not_tried(monkeypatch: pytest.MonkeyPatch) -> None:
    """Importing it takes two seconds, and no conversation needs it."""
    sound = doctor.Finding("torch", True, "not tried here")
    monkeypatch.setattr(doctor, "_torch", lambda _: sound)


def _finding(settings: Settings) -> tuple[bool, str, str]:
    found = next(f for f in doctor.examine(settings) if f.name == "conversations")
    return found.sound, found.detail, found.remedy


def _settings(path: Path, tmp_path: Path) -> Settings:
    return Settings(seeds=tmp_path / "s", embeddings=tmp_path / "e", conversations=path)


@pytest.mark.usefixtures("_torch_not_tried")
def test_doctor_counts_sound_conversations_and_makes_no_file(kept: Path, tmp_path: Path) -> None:
    assert _finding(_settings(kept, tmp_path))[:2] == (True, "2 with 3 turns")
    missing = tmp_path / "none.sqlite3"
    assert _finding(_settings(missing, tmp_path))[0]
    assert not missing.exists()


@pytest.mark.usefixtures("_torch_not_tried")
def test_doctor_names_a_file_that_is_no_store_and_a_turn_that_is_damaged(
    kept: Path, tmp_path: Path
) -> None:
    foreign = tmp_path / "foreign.sqlite3"
    foreign.write_text("not a database, though long enough to be read as one" * 20)
    sound, detail, remedy = _finding(_settings(foreign, tmp_path))
    assert not sound
    assert str(foreign) in detail
    assert "Move the file away" in remedy
    connection = sqlite3.connect(kept)
    connection.execute("UPDATE turns SET record = '{' WHERE number = 2")
    connection.commit()
    connection.close()
    sound, detail, remedy = _finding(_settings(kept, tmp_path))
    assert not sound
    assert f"turn 2 of {BEES}" in detail
    assert f"askscwru conversations delete {BEES[:8]}" in remedy


def test_a_damaged_file_is_one_line_and_exit_code_1(path: Path, capsys: Capture) -> None:
    path.write_text("not a database, though long enough to be read as one" * 20)
    run(expect=FAILED)
    assert capsys.readouterr().err.count("\n") == 1
