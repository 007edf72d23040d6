"""The clipboard: the surest way that there is, and its name."""

from __future__ import annotations

from pathlib import Path

import pytest

from askscwru.show.clipboard import MOST_BY_TERMINAL, Copied, copy, native_programs


def everything(name: str) -> str:
    return f"/bin/{name}"


@pytest.mark.parametrize(
    ("environment", "system", "first"),
    [
        ({}, "Darwin", "pbcopy"),
        ({"WAYLAND_DISPLAY": "w", "DISPLAY": ":0"}, "Linux", "wl-copy"),
        ({"DISPLAY": ":0"}, "Linux", "xclip"),
        ({"WSL_DISTRO_NAME": "Ubuntu"}, "Linux", "clip.exe"),
        ({}, "Windows", "clip.exe"),
        ({"TMUX": "/tmp/tmux"}, "Linux", "tmux"),
        ({"TMUX": "/tmp/tmux", "SSH_TTY": "/dev/pts/1"}, "Darwin", "tmux"),
        ({"SSH_CONNECTION": "a b", "DISPLAY": "localhost:10"}, "Darwin", "xclip"),
        ({}, "Linux", None),
        ({"SSH_TTY": "/dev/pts/1"}, "Darwin", None),
    ],
)
def test_the_program_fits_the_machine_and_is_not_the_one_at_the_far_end(
    environment: dict[str, str], system: str, first: str | None
) -> None:
    found = native_programs(environment, system, everything)
    assert (found[0][0] if found else None) == first


def test_a_program_that_is_not_installed_is_passed_over() -> None:
    found = native_programs(
        {"DISPLAY": ":0"}, "Linux", lambda name: name if name == "xsel" else None
    )
    assert found == [["xsel", "--clipboard", "--input"]]


def program(folder: Path, code: str, monkeypatch: pytest.MonkeyPatch) -> None:
    path = folder / "xclip"
    path.write_text(f"#!/bin/sh\n{code}\n")
    path.chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_the_text_goes_to_the_program_byte_for_byte(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, f"cat > '{tmp_path}/copied'", monkeypatch)
    text = "“412” $(rm -rf /) \n\ttab é"
    copied = copy(text, print, environment={"DISPLAY": ":0"}, system="Linux")
    assert copied == Copied("xclip", sure=True)
    assert (tmp_path / "copied").read_text(encoding="utf-8") == text


@pytest.mark.parametrize("code", ["cat > /dev/null; exit 1", "exec not-a-program-at-all"])
def test_where_the_program_fails_the_terminal_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    program(tmp_path, code, monkeypatch)
    told: list[str] = []
    environment = {"DISPLAY": ":0", "TERM": "xterm"}
    copied = copy("x", told.append, environment=environment, system="Linux")
    assert copied == Copied("the terminal (OSC 52)", sure=False)
    assert told == ["x"]


@pytest.mark.parametrize(
    ("terminal", "text"), [("linux", "x"), ("dumb", "x"), ("xterm", "x" * (MOST_BY_TERMINAL + 1))]
)
def test_where_no_clipboard_can_take_it_a_new_file_does(
    tmp_path: Path, terminal: str, text: str
) -> None:
    (tmp_path / "copied.txt").write_text("mine")
    told: list[str] = []
    copied = copy(
        text, told.append, environment={"TERM": terminal}, system="Linux", folder=tmp_path
    )
    assert not told
    assert copied == Copied(f"the file {tmp_path / 'copied-2.txt'}", sure=True)
    assert (tmp_path / "copied-2.txt").read_text() == text
    assert (tmp_path / "copied.txt").read_text() == "mine"
