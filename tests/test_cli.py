"""The commands as a user meets them: output, exit codes, errors of one line."""

from __future__ import annotations

import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from askscwru import cli
from askscwru.cli import ABSTAINED, ANSWERED, FAILED, WRONG_USE, main
from askscwru.commands import doctor
from askscwru.commands.words import EXAMPLES
from askscwru.settings import PACKAGED_SEEDS, Settings
from conftest import ROOT, SEEDS

Capture = pytest.CaptureFixture[str]


@pytest.fixture(autouse=True)
def _own_conversations(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test writes into the conversations of another one."""
    monkeypatch.setenv("ASKSCWRU_CONVERSATIONS", str(tmp_path / "conversations.sqlite3"))


@pytest.fixture
def at(settings: Settings) -> list[str]:
    """The options that name the real seeds and index."""
    return ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]


TABLE = [
    (
        "At the 7th International Health Humanities Network Conference",
        ["Martin Stevens"],
        1276,
        False,
        "000",
    ),
    ("Personalisation: towards evidence that counts", ["Martin Stevens"], 811, False, "000 001"),
    (
        "Adult Social Care – where’s the evidence?",
        ["Jo Moriarty", "Martin Stevens"],
        1192,
        False,
        "000",
    ),
    ("Imagining the future – the social care workforce", ["Martin Stevens"], 1593, False, "000"),
    (
        "Supporting parents with learning disabilities – passing on practice experiences",
        ["Martin Stevens"],
        1037,
        False,
        "000",
    ),
    (
        "Risk, Safeguarding and Personal Budgets: exploring relationships"
        " and identifying good practice",
        ["Martin Stevens"],
        900,
        False,
        "000 001",
    ),
    (
        "Risks and barriers to organisations conducting research",
        ["Martin Stevens"],
        2114,
        False,
        "000",
    ),
    (
        "Where next for integration and funding?",
        ["John Woolham", "Martin Stevens"],
        1369,
        False,
        "000",
    ),
    (
        "Personalisation of adult social care – do we have to decide between choice or quality?",
        ["Martin Stevens"],
        None,
        True,
        "000 001 002",
    ),
    ("Are direct payments a form of activation policy?", ["Martin Stevens"], None, True, "000 001"),
    ("Personalisation and older people – better outcomes?", ["John Woolham"], 455, False, "001"),
    ("Personal budgets in Finland", ["John Woolham"], 1141, False, "001"),
    ("Is a Personal Budget right for you?", ["Sarah Hamilton"], None, True, "001"),
    ("Shared Lives: a new health and care system", ["Alex Fox"], None, True, "003"),
    ("Care and caring: challenge, crisis or opportunity?", ["Sue Yeandle"], None, False, "003"),
    ("Get social care right and the NHS will benefit", ["Catherine Needham"], None, False, "003"),
    ("Policy & Politics: Making it personal", ["Alex Marsh"], None, True, "003"),
    (
        "Should recording in social work be given a higher priority?",
        ["Liz O’Rourke"],
        None,
        True,
        "003",
    ),
    (None, [], None, True, "004"),
]


def test_posts_lists_the_nineteen_posts_of_the_seeds(at: list[str], capsys: Capture) -> None:
    assert main(["posts", "--json", *at]) == ANSWERED
    posts = json.loads(capsys.readouterr().out)
    found = {
        (
            post["title"],
            tuple(post["authors"]),
            post["word_count"],
            post["complete"],
            " ".join(sorted(name[:3] for name in post["sources"])),
        )
        for post in posts
    }
    assert found == {(t, tuple(a), w, c, s) for t, a, w, c, s in TABLE}
    assert len(posts) == 19
    assert sum(1 + len(post["also_in"]) for post in posts) == 24


@pytest.mark.parametrize("after", [True, False])
def test_folders_may_be_named_before_the_command_or_after_it(
    tmp_path: Path, after: bool, capsys: Capture
) -> None:
    at = ["--seeds", str(tmp_path / "none"), "--embeddings", str(tmp_path / "built")]
    assert main(["index", *at] if after else [*at, "index"]) == FAILED
    assert str(tmp_path / "none") in capsys.readouterr().err


def test_posts_prints_a_table(at: list[str], capsys: Capture) -> None:
    assert main([*at, "posts"]) == ANSWERED
    assert "(untitled)" in capsys.readouterr().out


def test_ask_prints_quote_and_citation_and_exits_0(at: list[str], capsys: Capture) -> None:
    assert main(["ask", "How many people use Shared Lives?", *at]) == ANSWERED
    shown = " ".join(capsys.readouterr().out.split())
    assert "now used by 14,000 people in almost every UK area.” [1]" in shown
    assert "Alex Fox, Policy Press blog" in shown
    assert "003_2a3649b0bea1ad83.txt, characters" in shown


def test_ask_json_prints_the_object_of_the_contract(at: list[str], capsys: Capture) -> None:
    assert main(["ask", "How many people use Shared Lives?", "--json", *at]) == ANSWERED
    answer = json.loads(capsys.readouterr().out)
    assert list(answer) == [
        "conversation_id",
        "turn",
        "question",
        "searched_for",
        "limits",
        "corrections",
        "alternatives",
        "notes",
        "parts",
        "answered",
        "kind",
        "confidence",
        "answer",
        "short",
        "total",
        "posts",
        "citations",
        "nearest",
        "advice",
        "passages",
        "timings_ms",
    ]
    assert set(answer["citations"][0]) == set(
        "index quote start end highlight post_id title authors blog source also_in url published"
        " captured page complete word_count passage_id score group reference".split()
    )
    assert set(answer["passages"][0]) == set(
        "passage_id post_id title text start end source score".split()
    )
    assert set(answer["timings_ms"]) == {"collection", "follow_up", "retrieve", "read", "total"}


def test_an_abstention_exits_3(at: list[str], capsys: Capture) -> None:
    assert main(["ask", "What is the boiling point of nitrogen?", *at]) == ABSTAINED
    assert "The posts do not say" in capsys.readouterr().out


@pytest.mark.parametrize("question", ["", "  ", "😀", "x" * 3000])
def test_wrong_use_exits_2_with_one_line(at: list[str], question: str, capsys: Capture) -> None:
    assert main(["ask", question, *at]) == WRONG_USE
    shown = capsys.readouterr()
    assert shown.out == ""
    assert shown.err.startswith("askscwru: The question")
    assert shown.err.count("\n") == 1


def test_a_missing_seeds_folder_exits_1_with_one_line(tmp_path: Path, capsys: Capture) -> None:
    nowhere = str(tmp_path / "nowhere")
    built = str(tmp_path / "built")
    assert main(["ask", "Who?", "--seeds", nowhere, "--embeddings", built]) == FAILED
    shown = capsys.readouterr()
    assert "nowhere" in shown.err
    assert shown.err.count("\n") == 1
    assert not list(Path(tmp_path).glob("built/generations/*"))


def test_doctor_finds_no_fault_in_a_sound_installation(at: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "askscwru", "doctor", *at], capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout
    assert "FAULT" not in done.stdout


def test_doctor_names_a_fault_and_what_mends_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    sound = doctor.Finding("torch", True, "not tried here")  # importing it takes two seconds
    monkeypatch.setattr(doctor, "_torch", lambda _: sound)
    assert main(["doctor", "--seeds", str(SEEDS), "--embeddings", str(tmp_path)]) == FAILED
    shown = capsys.readouterr().out
    assert "FAULT index" in shown
    assert "askscwru index" in shown


def test_a_senseless_setting_is_named(monkeypatch: pytest.MonkeyPatch, capsys: Capture) -> None:
    monkeypatch.setenv("ASKSCWRU_THREADS", "many")
    assert main(["posts"]) == WRONG_USE
    assert "ASKSCWRU_THREADS is 'many'" in capsys.readouterr().err


def test_output_that_is_cut_short_is_no_traceback(at: list[str]) -> None:
    command = f'"{sys.executable}" -m askscwru posts {" ".join(at)} | head -n 1'
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, check=True)
    assert "Traceback" not in done.stderr


def test_questions_can_be_typed_one_a_line(at: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "askscwru", *at],
        input="How many people use Shared Lives?\n😀\n\n",
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert "14,000 people" in " ".join(done.stdout.split())
    assert "no letter and no digit" in done.stderr


def test_questions_typed_one_a_line_are_one_conversation(at: list[str]) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "askscwru", *at],
        input="What is Shared Lives?\nHow many people use it?\n\n",
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONIOENCODING": "utf-8"},
    )
    assert "Searched for: How many people use Shared Lives?" in done.stdout


def test_ask_says_how_to_go_on_and_goes_on(at: list[str], capsys: Capture) -> None:
    assert main(["ask", "--keep", "What is Shared Lives?", *at]) == ANSWERED
    hint = capsys.readouterr().err
    assert "Go on with: askscwru ask --conversation " in hint
    known = hint.split("--conversation ")[1].split()[0]
    assert main(["ask", "How many people use it?", "--conversation", known, "--json", *at]) == 0
    answer = json.loads(capsys.readouterr().out)
    assert answer["conversation_id"] == known
    assert answer["turn"] == 2
    assert answer["searched_for"] == "How many people use Shared Lives?"
    assert "14,000" in answer["answer"]


def test_the_last_conversation_can_be_gone_on_with(at: list[str], capsys: Capture) -> None:
    main(["ask", "--keep", "Who does Edward live with?", *at])
    capsys.readouterr()
    main(["ask", "how old is he?", "--conversation", "last", "--json", *at])
    answer = json.loads(capsys.readouterr().out)
    assert (answer["turn"], answer["searched_for"]) == (2, "How old is Edward?")


@pytest.mark.parametrize(
    ("named", "reason"), [("nope", "no conversation 'nope'"), ("last", "no conversation yet")]
)
def test_an_unknown_conversation_exits_2(
    at: list[str], named: str, reason: str, capsys: Capture
) -> None:
    assert main(["ask", "How many people use it?", "--conversation", named, *at]) == WRONG_USE
    assert reason in capsys.readouterr().err


def test_an_answer_goes_out_although_it_cannot_be_kept(
    at: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("ASKSCWRU_CONVERSATIONS", str(tmp_path / "file" / "kept.sqlite3"))
    assert main(["ask", "--keep", "How many people use Shared Lives?", *at]) == ANSWERED
    shown = capsys.readouterr()
    assert "14,000" in shown.out
    assert "could not be kept" in shown.err
    assert "Go on with" not in shown.err


def test_indexing_leaves_conversations_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fake_settings: Settings, capsys: Capture
) -> None:
    from test_store import turn

    from askscwru.conversation.store import Store

    monkeypatch.delenv("ASKSCWRU_CONVERSATIONS")
    monkeypatch.setenv("ASKSCWRU_MODEL", fake_settings.model)
    where = ["--seeds", str(fake_settings.seeds), "--embeddings", str(fake_settings.embeddings)]
    assert main(["index", *where]) == ANSWERED
    own = Settings(embeddings=fake_settings.embeddings).conversations_file
    assert own.parent == fake_settings.embeddings
    store = Store(own)
    store.append("talk", turn())
    store.close()
    assert main(["index", "--force", *where]) == ANSWERED
    assert store.conversation("talk").count == 1
    store.close()


def test_a_malformed_setting_of_the_service_is_wrong_use(
    monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    for name, value in (("HOSTS", "not json"), ("PORT", "high"), ("RATE", "-1")):
        monkeypatch.setenv(f"ASKSCWRU_{name}", value)
        assert main(["serve"]) == WRONG_USE
        assert name.lower() in capsys.readouterr().err.lower()
        monkeypatch.delenv(f"ASKSCWRU_{name}")


def test_references_are_printed_in_the_style_that_is_asked_for(
    at: list[str], capsys: Capture
) -> None:
    asked = ["ask", "How many people use Shared Lives?", *at]
    assert main([*asked, "--style", "apa"]) == ANSWERED
    apa = "Fox, A. (n.d.). Shared Lives: a new health and care system. Policy Press blog."
    assert apa in " ".join(capsys.readouterr().out.split())
    assert main([*asked, "--style", "harvard", "--json"]) == ANSWERED
    (cited,) = json.loads(capsys.readouterr().out)["citations"]
    assert cited["reference"].startswith("Fox, A. (no date) ‘Shared Lives")
    assert main([*asked, "--style", "chicago"]) == WRONG_USE
    assert "Choose one of plain, apa, harvard" in capsys.readouterr().err


# -- asking as one types ---------------------------------------------------------------------------


def test_a_single_question_is_plain_words_and_is_not_kept(
    at: list[str], tmp_path: Path, capsys: Capture
) -> None:
    """Words need no quotation marks, on either side of an option; nothing is prompted or padded."""
    assert main(["ask", "How", "many", "people", *at, "use", "Shared", "Lives?"]) == ANSWERED
    shown = capsys.readouterr()
    assert shown.err == ""
    [quote] = [line for line in shown.out.splitlines() if line.startswith("“")]
    assert quote.endswith("now used by 14,000 people in almost every UK area.” [1]")
    assert len(quote) > 100  # wider than any terminal of the tests
    assert all(line == line.rstrip() for line in shown.out.splitlines())
    assert main(["ask", "--json", "Who wrote Personal budgets in Finland?", *at]) == ANSWERED
    assert json.loads(capsys.readouterr().out)["conversation_id"] is None
    assert not (tmp_path / "conversations.sqlite3").exists()


def test_a_question_comes_from_standard_input(
    at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO("How many people\nuse Shared Lives?\n"))
    assert main(["ask", "-", *at]) == ANSWERED
    assert "14,000" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin", io.StringIO(""))
    assert main(["ask", "-", *at]) == WRONG_USE


def test_an_option_that_there_is_not_is_no_word_of_the_question(
    at: list[str], capsys: Capture
) -> None:
    for wrong in (["ask", "who?", "--nope"], ["posts", "extra"]):
        assert main([*wrong, *at]) == WRONG_USE
        assert "unrecognized arguments" in capsys.readouterr().err


def test_posts_never_breaks_the_name_of_a_file(
    at: list[str], monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    names = sorted(path.name for path in SEEDS.glob("*.txt"))
    for columns, terminal in ((40, True), (100, True), (40, False)):
        monkeypatch.setenv("COLUMNS", str(columns))
        if terminal:
            monkeypatch.setenv("FORCE_COLOR", "1")
        else:
            monkeypatch.delenv("FORCE_COLOR")
        assert main(["posts", *at]) == ANSWERED
        shown = capsys.readouterr().out
        assert all(name in shown for name in names), columns


def test_dates_may_be_years_and_months(at: list[str], capsys: Capture) -> None:
    for date, code in (("2014", ABSTAINED), ("2014-05", ABSTAINED), ("14", WRONG_USE)):
        assert main(["ask", "Who uses it?", "--after", date, *at]) in (code, ANSWERED)
    assert "Write it as 2018, 2018-02 or 2018-02-28" in capsys.readouterr().err


@pytest.mark.parametrize("command", ["", *EXAMPLES])
def test_help_has_examples_that_are_understood_and_exit_codes(
    command: str, capsys: Capture
) -> None:
    assert main([*command.split(), "--help"]) == ANSWERED
    shown = capsys.readouterr().out
    assert "exit codes:\n  0    done" in shown
    for typed, _ in EXAMPLES[command]:
        assert f"  {typed}\n" in shown
        words = shlex.split(re.split(r" [<>]", typed)[0])
        assert callable(cli._parsed(words[1:]).run)


def test_the_manual_page_tells_of_every_command_and_option() -> None:
    page = (ROOT / "docs/askscwru.1").read_text(encoding="utf-8").replace("\\-", "-")
    for command, examples in EXAMPLES.items():
        assert f".SS askscwru {command}".rstrip() in page
        assert all(f"\\fB{typed}\\fR" in page for typed, _ in examples if command)
    for option in re.findall(
        r"add_argument\(\s*\"(--[\w-]+)\"", Path(cli.__file__).read_text("utf-8")
    ):
        assert option in page, f"run `make manual`: {option}"


def test_a_shell_completes_commands(tmp_path: Path, capsys: Capture) -> None:
    for shell in ("bash", "zsh", "fish"):
        assert main(["completion", shell]) == ANSWERED
        assert "_ARGCOMPLETE" in capsys.readouterr().out
    asked = tmp_path / "answer"
    line = "askscwru conv"
    known = {"_ARGCOMPLETE": "1", "_ARGCOMPLETE_STDOUT_FILENAME": str(asked), "COMP_LINE": line}
    subprocess.run(
        [sys.executable, "-m", "askscwru"],
        env={**os.environ, **known, "COMP_POINT": str(len(line)), "_ARGCOMPLETE_IFS": "\n"},
        check=True,
    )
    assert asked.read_text().split() == ["conversations"]


# -- installed somewhere ---------------------------------------------------------------------------


@pytest.fixture
def anywhere(tmp_path: Path, fake_model: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """An empty folder to run in, the platform's folder for data beside it, and the fake encoder."""
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    monkeypatch.delenv("ASKSCWRU_CONVERSATIONS")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data"))
    monkeypatch.setenv("ASKSCWRU_MODEL", str(fake_model))
    yield tmp_path
    assert not list((tmp_path / "here").iterdir())


def test_in_an_empty_folder_the_packaged_pages_answer(anywhere: Path, capsys: Capture) -> None:
    assert Settings().seeds == PACKAGED_SEEDS
    assert main(["posts", "--json"]) == ANSWERED
    assert len(json.loads(capsys.readouterr().out)) == 19
    own = anywhere / "data/askscwru/embeddings"
    assert Settings().embeddings == own
    assert (own / "manifest.json").is_file()
    # One's own posts take the place of the examples, and nothing mixes them unasked.
    mine = anywhere / "mine.md"
    mine.write_text("---\ntitle: The ferry\n---\nThe ferry leaves at nine in the morning.\n")
    assert main(["index", str(mine)]) == ANSWERED
    assert "sources add seeds" in capsys.readouterr().err
    assert main(["posts", "--json"]) == ANSWERED
    assert [post["title"] for post in json.loads(capsys.readouterr().out)] == ["The ferry"]
    assert main(["sources", "add", "seeds", "--json"]) == ANSWERED
    assert [place["name"] for place in json.loads(capsys.readouterr().out)] == ["seeds", "mine.md"]


def test_pages_or_an_index_in_the_current_folder_are_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for made in ("seeds", "embeddings"):
        (tmp_path / made).mkdir()
        if made == "embeddings":
            (tmp_path / "embeddings/sources.json").write_text("{}")
        settings = Settings()
        assert (settings.seeds, settings.embeddings) == (Path("seeds"), Path("embeddings"))
        for path in sorted(tmp_path.rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    assert Settings(seeds=Path("pages")).embeddings == Path("embeddings")


@pytest.mark.parametrize(
    "command",
    [
        "ask who? --seeds nowhere",
        "ask who? --conversation 3f9c",
        "ask who? --conversation last",
        "ask - --seeds nowhere",
        "index --seeds nowhere",
        "index nothing.xml",
        "index empty",
        "posts --seeds nowhere",
        "sources add nothing.xml",
        "sources remove nothing",
        "conversations show 3f9c",
        "conversations delete 3f9c",
        "token remove nobody",
        "eval",
    ],
)
def test_a_failing_command_leaves_no_folder_behind(
    command: str, anywhere: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    (anywhere / "empty").mkdir()
    monkeypatch.setattr("sys.stdin", io.StringIO("who?"))
    words = [str(anywhere / word) if word == "empty" else word for word in command.split()]
    assert main(words) in (FAILED, WRONG_USE)
    assert capsys.readouterr().err.count("\n") <= 1
    assert not (anywhere / "data").exists()


def test_an_empty_corpus_says_how_to_fill_it(anywhere: Path, capsys: Capture) -> None:
    (anywhere / "empty").mkdir()
    assert main(["index", "--seeds", str(anywhere / "empty")]) == FAILED
    assert "askscwru index FILE" in capsys.readouterr().err


@pytest.mark.skipif(shutil.which("make") is None, reason="make is not installed")
def test_make_run_says_first_what_it_downloads_and_roughly_how_much(tmp_path: Path) -> None:
    told = subprocess.run(
        ["make", "-n", f"VENV={tmp_path / 'none'}", "run"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    ).stdout
    said, _, rest = told.partition("pip install")
    assert "some hundreds of megabytes" in said
    assert "2 GB" in said
    assert "askscwru index" in rest
