"""No traceback reaches a person: odd encodings, full disks, closed pipes, faults of ours."""

from __future__ import annotations

import errno
import io
import os
import resource
import sys
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from askscwru.assistant import Assistant
from askscwru.cli import _show, main
from askscwru.index.export import scratch
from askscwru.settings import Settings
from askscwru.show import output
from askscwru.tui.app import AskscwruApp
from askscwru.tui.command import make_app, run

Capture = pytest.CaptureFixture[str]


def where(settings: Settings) -> list[str]:
    return ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1", "utf-8"])
def test_an_answer_is_printed_in_any_encoding(
    monkeypatch: pytest.MonkeyPatch, assistant: Assistant, settings: Settings, encoding: str
) -> None:
    raw = io.BytesIO()
    monkeypatch.setattr(sys, "stdout", io.TextIOWrapper(raw, encoding=encoding))
    assert main(["posts", *where(settings)]) == 0  # prepares the output for all that follows
    _show(assistant.ask("Who does Edward live with?"), kept=False, as_json=False)
    sys.stdout.flush()
    text = raw.getvalue().decode(encoding)
    assert "Alex Fox" in text
    quote = "Edward is 66 years old and lives with Shared Lives carers Stephen and Christina."
    marks = ('"', '"') if encoding in ("ascii", "latin-1") else ("“", "”")
    assert f"{marks[0]}{quote}{marks[1]} [1]" in " ".join(text.split())
    assert "█" in text if encoding == "utf-8" else "#" in text


def test_what_cannot_be_written_is_shown_by_something_like_it() -> None:
    shown = "Zoë’s “café” – 10½ … e\u0301 東 ﬁn".encode("ascii", output.PLAIN)
    assert shown == b'Zoe\'s "cafe" - 10? ... e ? fin'


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no full device")
@pytest.mark.parametrize("arguments", [["--help"], ["posts"], ["posts", "--json"]])
def test_an_output_that_takes_nothing_is_one_line_and_a_failure(
    monkeypatch: pytest.MonkeyPatch, capfd: Capture, settings: Settings, arguments: list[str]
) -> None:
    with open("/dev/full", "w", encoding="utf-8") as full:  # noqa: PTH123 - not a path's file
        monkeypatch.setattr(sys, "stdout", full)
        assert main([*where(settings), *arguments]) == 1
    said = capfd.readouterr().err
    assert said == "askscwru: The output cannot be written: No space left on device.\n"


def test_a_reader_that_has_gone_is_told_nothing(
    monkeypatch: pytest.MonkeyPatch, capfd: Capture, settings: Settings
) -> None:
    read, write = os.pipe()
    os.close(read)
    with os.fdopen(write, "w", encoding="utf-8") as gone:
        monkeypatch.setattr(sys, "stdout", gone)
        assert main(["posts", *where(settings)]) == 1
    assert capfd.readouterr().err == ""


def broken(*_: Any, **__: Any) -> Any:
    raise ZeroDivisionError("of a library\nin two lines \x1b[31m")


def test_a_fault_of_ours_is_one_line_and_its_trace_is_in_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, tmp_path: Path, settings: Settings
) -> None:
    log = tmp_path / "state" / "faults.log"
    monkeypatch.setattr(output, "log_file", lambda: log)
    monkeypatch.setattr("askscwru.assistant.open_index", broken)
    for _ in range(2):
        assert main(["posts", *where(settings)]) == 1
    one, two = capsys.readouterr().err.splitlines()
    assert one == two
    assert "fault of askscwru: ZeroDivisionError: of a library in two lines" in one
    assert "report it" in one
    assert str(log) in one
    assert "\x1b" not in one
    assert log.read_text().count("Traceback (most recent call last)") == 2
    assert log.stat().st_mode & 0o777 == 0o600
    log.write_text("x" * 300_000)
    main(["posts", *where(settings)])
    assert log.stat().st_size < 20_000, "an old log makes room"
    monkeypatch.setattr(output, "log_file", lambda: log / "under-a-file")
    assert main(["posts", *where(settings)]) == 1
    assert "could not be kept" in capsys.readouterr().err


def test_a_fault_of_the_terminal_ui_is_given_to_the_guard(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture, settings: Settings
) -> None:
    def begin(app: AskscwruApp) -> None:
        app._exception = ZeroDivisionError()
        app._fatal_error()
        app._print_error_renderables()

    monkeypatch.setattr(AskscwruApp, "run", begin)
    with pytest.raises(ZeroDivisionError):
        run(lambda: settings)
    assert capsys.readouterr().err == ""
    assert make_app(lambda: settings).fault is None


def test_a_folder_that_takes_no_file_is_named(
    capsys: Capture, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    def refuse(*_: Any, **__: Any) -> Any:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))  # root may write where nobody else may

    monkeypatch.setattr(FileLock, "acquire", refuse)
    monkeypatch.setattr("askscwru.commands.doctor.TemporaryFile", refuse)
    at = ["--seeds", str(tmp_path / "none"), "--embeddings", str(tmp_path)]
    assert main(["token", *at, "add", "x"]) == 1
    said = capsys.readouterr().err
    assert said.startswith(f"askscwru: Cannot write to {tmp_path}: Read-only file system.")
    assert len(said.splitlines()) == 1
    assert main(["doctor", *at]) == 1
    assert f"FAULT folder: Cannot write to {tmp_path}: Read-only" in capsys.readouterr().out


def test_whatever_a_library_says_on_a_full_disk_the_disk_is_the_reason(tmp_path: Path) -> None:
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, limits[1]))
    try:
        with pytest.raises(OSError, match="File too large"), scratch(tmp_path):
            raise RuntimeError("external initializers were not written")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    with pytest.raises(RuntimeError, match="no such layer"), scratch(tmp_path):
        raise RuntimeError("no such layer")
