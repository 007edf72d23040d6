"""`askscwru eval` from end to end: floors, mutations, partial runs, comparisons, pages."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from askscwru.answering.answer import choose_quotes
from askscwru.answering.reader import Reader
from askscwru.answering.retrieve import Retrieval, Retriever, Spelled
from askscwru.assistant import Assistant, no_progress
from askscwru.cli import main
from askscwru.errors import SetError
from askscwru.evaluate.command import BELOW_FLOOR, STOPPED, Options, evaluate
from askscwru.evaluate.compare import Verdict, compare
from askscwru.evaluate.figures import figures_of, measure
from askscwru.evaluate.floors import read_floors
from askscwru.evaluate.outside import placed
from askscwru.evaluate.page import compare_page, run_page
from askscwru.evaluate.runs import Record, Run, SetRun, read_run, save_run
from askscwru.evaluate.sets import Accepted, Question, sample
from askscwru.evaluate.subject import ask_turn
from askscwru.settings import Settings
from askscwru.types import Answer, Query, Quote

EVAL = Path(__file__).parents[2] / "eval"
pytestmark = pytest.mark.second_look


@pytest.fixture(scope="module", autouse=True)
def _read_once() -> Iterator[None]:
    """What the reader says of the same passages is not computed anew for each broken program."""
    real = Reader.read
    known: dict[object, list[Quote]] = {}

    def read(
        self: Reader, retrieval: Retrieval, depth: int, alone: str = "", **bounds: float
    ) -> list[Quote]:
        hits = tuple((hit.passage, hit.score) for hit in retrieval.hits)
        asked = (retrieval.searched_for, hits, depth, alone, *sorted(bounds.items()))
        if asked not in known:
            known[asked] = real(self, retrieval, depth, alone, **bounds)
        return list(known[asked])

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Reader, "read", read)
        yield


def _quiet() -> Console:
    return Console(file=io.StringIO(), width=120)


def _eval(settings: Settings, *arguments: object) -> int:
    folders = ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]
    return main(["eval", *map(str, arguments), *folders])


# -- the sets of the project -----------------------------------------------------------------------


@pytest.fixture(scope="module")
def third(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every third item of the sets, with floors of their own; `make eval` runs the whole."""
    folder = tmp_path_factory.mktemp("third")
    for name in ("seeds.jsonl", "conversations.jsonl"):
        lines = (EVAL / name).read_text(encoding="utf-8").splitlines(keepends=True)
        chosen = sample(len(lines), len(lines) // 3)
        (folder / name).write_text("".join(lines[at] for at in chosen), encoding="utf-8")
    shutil.copyfile(Path(__file__).parent / "floors_of_a_third.toml", folder / "floors.toml")
    return folder


@pytest.mark.parametrize("name", ["seeds", "conversations"])
def test_the_program_is_above_its_floors(
    name: str, third: Path, settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    saved = tmp_path / "run.json"
    code = _eval(settings, third / f"{name}.jsonl", "--quick", "--json", saved)
    assert code == 0, capsys.readouterr().out
    run = read_run(saved).sets[0]
    assert run.whole
    values = {
        m.figure.name: m.value for m in measure(run.records, figures_of(run), intervals=False)
    }
    assert values["verified"] == 1.0
    assert len(read_floors(third / "floors.toml")[name]) == len(
        read_floors(EVAL / "floors.toml")[name]
    )


def test_floors_are_kept_for_both_sets() -> None:
    floors = read_floors(EVAL / "floors.toml")
    assert set(floors) == {"seeds", "conversations"}
    assert all(kept["verified"] == 1.0 for kept in floors.values())


# -- breaking the program on purpose ---------------------------------------------------------------


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory, third: Path, settings: Settings) -> Path:
    """Questions spread over the seeds, read before for the third, with floors of their own."""
    path = tmp_path_factory.mktemp("small") / "small.jsonl"
    lines = (third / "seeds.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    chosen = {*sample(len(lines), 15)}
    # Of a few that come near the subject the first reader alone may take any for answered.
    chosen |= set([at for at, line in enumerate(lines) if '"near": false' in line][:4])
    path.write_text("".join(lines[at] for at in sorted(chosen)), encoding="utf-8")
    assert _eval(settings, path, "--write-floors") == 0
    assert _eval(settings, path) == 0
    return path


def _lose_the_way(patch: pytest.MonkeyPatch) -> None:
    """Retrieval looks for something else, whatever is asked."""
    real = Retriever.retrieve

    def retrieve(self: Retriever, question: str | Spelled, *rest: Any) -> Retrieval:
        return real(self, "the weather on holiday", *rest)

    patch.setattr(Retriever, "retrieve", retrieve)


def _worst_first(patch: pytest.MonkeyPatch) -> None:
    """Retrieval gives its hits in the wrong order."""
    real = Retriever.retrieve

    def retrieve(self: Retriever, question: str, k: int, *rest: Any) -> Retrieval:
        found = real(self, question, 50, *rest)
        hits = [replace(hit, rank=n) for n, hit in enumerate(reversed(found.hits), 1)]
        return replace(found, hits=tuple(hits[:k]))

    patch.setattr(Retriever, "retrieve", retrieve)


def _choose(patch: pytest.MonkeyPatch, change: Callable[[Quote], Quote]) -> None:
    def chosen(quotes: list[Quote], abstain_below: float, question: str) -> list[Quote]:
        return [change(quote) for quote in choose_quotes(quotes, abstain_below, question)]

    patch.setattr("askscwru.assistant.choose_quotes", chosen)


def _half_the_sentence(patch: pytest.MonkeyPatch) -> None:
    """Quotes are verbatim, but end halfway."""

    def halve(quote: Quote) -> Quote:
        length = max(1, len(quote.text) // 2)
        text, end = quote.text[:length], quote.start + length
        return replace(quote, text=text, end=end, highlight=None)

    _choose(patch, halve)


def _altered_words(patch: pytest.MonkeyPatch) -> None:
    """Quotes say something else than the source, and the program does not look."""
    _choose(patch, lambda quote: replace(quote, text=quote.text.replace("e", "a")))
    patch.setattr("askscwru.assistant.verify", lambda *_: None)


def _never_abstains(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("ASKSCWRU_ABSTAIN_BELOW", "0")


def _always_abstains(patch: pytest.MonkeyPatch) -> None:
    patch.setenv("ASKSCWRU_ABSTAIN_BELOW", "1")


@pytest.mark.parametrize(
    ("mutation", "figure"),
    [
        (_lose_the_way, "Recall@10"),
        (_worst_first, "Recall@1"),
        (_half_the_sentence, "Right sentence first"),
        (_altered_words, "Citations that verify"),
        (_never_abstains, "Abstained where no answer is"),
        (_always_abstains, "Right sentence first"),
    ],
)
def test_a_broken_program_falls_below_its_floors(
    mutation: Callable[[pytest.MonkeyPatch], None],
    figure: str,
    small: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    mutation(monkeypatch)
    assert _eval(settings, small, "--quick") == BELOW_FLOOR
    assert f"small: {figure} is" in " ".join(capsys.readouterr().out.split())


def test_altered_words_that_the_program_looks_at_end_the_run(
    small: Path,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    _choose(monkeypatch, lambda quote: replace(quote, text=quote.text.replace("e", "a")))
    assert _eval(settings, small) == 1
    assert "is not what stands at" in capsys.readouterr().err


def test_floors_are_not_looked_at_for_a_part_or_a_control(
    small: Path, settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _eval(settings, small, "--limit", "3", "--control", "first-sentence") == 0
    assert "floors are for the program on the whole set" in " ".join(
        capsys.readouterr().out.split()
    )
    assert _eval(settings, small, "--limit", "3", "--write-floors") == 2


@pytest.mark.parametrize(
    "content",
    [
        "[seeds",
        "[seeds.at_least]\nmagic = 1.0",
        "[seeds.at_least]\nece = 0.1",
        "[seeds.at_most]\nece = 'low'",
        "[seeds.over]\nece = 0.1",
        "seeds = 1",
    ],
)
def test_malformed_floors_are_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "floors.toml"
    path.write_text(content)
    with pytest.raises(SetError, match=r"floors\.toml"):
        read_floors(path)


# -- partial runs ----------------------------------------------------------------------------------


def test_ctrl_c_keeps_the_items_done_and_marks_the_report_partial(
    small: Path, settings: Settings, tmp_path: Path
) -> None:
    def stop_after_five(stage: str, done: int, total: int) -> None:
        if stage == "small" and done == 5:
            raise KeyboardInterrupt

    out = _quiet()
    options = Options(sets=(small,), json=tmp_path / "run.json.gz", html=tmp_path / "run.html")
    assert evaluate(options, settings, out, stop_after_five) == STOPPED
    run = read_run(tmp_path / "run.json.gz")
    assert run.partial
    assert [len(one.records) for one in run.sets] == [5]
    assert run.sets[0].planned == len(small.read_text(encoding="utf-8").splitlines())
    assert "PARTIAL" in (tmp_path / "run.html").read_text(encoding="utf-8")
    assert isinstance(out.file, io.StringIO)
    assert "PARTIAL" in out.file.getvalue()


def test_ctrl_c_before_the_first_item_still_gives_a_report(
    small: Path, settings: Settings, tmp_path: Path
) -> None:
    def stop(stage: str, done: int, total: int) -> None:
        raise KeyboardInterrupt

    options = Options(sets=(small,), json=tmp_path / "run.json", html=tmp_path / "run.html")
    assert evaluate(options, settings, _quiet(), stop) == STOPPED
    assert read_run(tmp_path / "run.json").partial


# -- saved runs and comparisons --------------------------------------------------------------------


def _record(at: int, *, right: bool, group: str | None = None, **detail: Any) -> Record:
    values = {
        "answerable": 1.0,
        "answered": 1.0,
        "confidence": 0.9 if right else 0.4,
        "best_right": float(right),
        "right": float(right),
        "right_first": float(right),
        "right_any": float(right),
        "citations": 1.0,
        "verified": 1.0,
        "words": 12.0,
        "recall@1": float(right),
        "rank": float(right),
    }
    return Record(
        id=f"q{at}",
        group=group or f"q{at}",
        kind="fact",
        split="tune",
        question=f"Question {at}?",
        values=values,
        detail=detail,
    )


def _run(records: list[Record]) -> Run:
    one = SetRun(
        name="demo",
        type="posts",
        control=None,
        split="all",
        sha256="0" * 64,
        planned=len(records),
        of=len(records),
        records=tuple(records),
    )
    return Run(format=1, version="0", settings={}, models={}, sets=(one,))


def test_a_saved_run_reads_back_the_same(tmp_path: Path) -> None:
    odd = _record(0, right=False, answer="“half \ud800 pair”\u2028\x00 and \\u0000 {}")
    run = _run([odd, _record(1, right=True)])
    for name in ("run.json", "run.json.gz"):
        save_run(run, tmp_path / name)
        assert read_run(tmp_path / name) == run
    assert json.loads((tmp_path / "run.json").read_bytes().decode("utf-8", "surrogatepass"))


@pytest.mark.parametrize("content", ["", "[]", "{}", '{"format": 99}', '{"format": 1, "sets": 3}'])
def test_a_file_that_is_no_run_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "run.json"
    path.write_text(content)
    with pytest.raises(SetError, match=r"run\.json is not a saved run"):
        read_run(path)


def test_a_change_is_better_worse_or_not_distinguishable() -> None:
    before = _run([_record(n, right=n % 2 == 0) for n in range(40)])
    better = _run([_record(n, right=n % 8 != 1) for n in range(40)])
    little = _run([_record(n, right=n % 2 == 0 or n == 1) for n in range(40)])

    def verdict(one: Run, other: Run) -> Verdict:
        return compare(one, other)[0].of()["right"].verdict

    assert verdict(before, better) is Verdict.BETTER
    assert verdict(better, before) is Verdict.WORSE
    assert verdict(before, little) is Verdict.SAME
    assert verdict(before, before) is Verdict.SAME
    assert [after.id for _, after in compare(before, little)[0].items] == ["q1"]
    assert compare(before, better)[0].of()["recall@1"].p is not None


def test_turns_of_one_conversation_are_no_independent_evidence() -> None:
    before = _run([_record(n, right=False, group=f"c{n // 20}") for n in range(40)])
    after = _run([_record(n, right=True, group=f"c{n // 20}") for n in range(40)])
    assert compare(before, after)[0].of()["right"].verdict is Verdict.SAME


def test_items_of_only_one_run_are_left_out_and_counted() -> None:
    before = _run([_record(n, right=True) for n in range(3)])
    after = _run([_record(n, right=True) for n in range(1, 5)])
    change = compare(before, after)[0]
    assert (change.shared, change.only_before, change.only_after) == (2, 1, 2)


def test_a_control_is_held_against_the_program() -> None:
    program = _run([_record(n, right=True) for n in range(20)])
    records = tuple(_record(n, right=False) for n in range(20))
    control = replace(program, sets=(replace(program.sets[0], control="bm25", records=records),))
    assert compare(program, control)[0].of()["right"].verdict is Verdict.WORSE


def test_compare_prints_what_changed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    one, other, page = tmp_path / "a.json", tmp_path / "b.json", tmp_path / "c.html"
    save_run(_run([_record(n, right=False) for n in range(20)]), one)
    save_run(_run([_record(n, right=True, answer="[bold]yes[/]") for n in range(20)]), other)
    assert main(["eval", "--compare", str(one), str(other), "--html", str(page)]) == 0
    shown = capsys.readouterr().out
    assert "now right q0" in shown
    assert "better" in shown
    assert "[bold]yes[/]" in shown
    assert "now right" in page.read_text(encoding="utf-8")
    assert main(["eval", "--compare", str(one), str(tmp_path / "none.json")]) == 2


# -- pages -----------------------------------------------------------------------------------------


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.loads: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.loads += [v or "" for k, v in attrs if k in ("src", "href", "data", "srcset")]


EVIL = "</li><script>alert(1)</script><img src=x onerror=alert(2)>\x1b[31m\u202e"


def test_a_page_shows_hostile_text_as_text() -> None:
    stretch = {"source": EVIL, "start": 0, "end": 1, "text": EVIL, "title": EVIL, "short": EVIL}
    record = replace(
        _record(0, right=False),
        question=EVIL,
        kind=EVIL,
        detail={
            "expected": [stretch],
            "expected_short": [EVIL],
            "citations": [stretch],
            "retrieved": [stretch],
            "searched_for": EVIL + "!",
            "gold": EVIL,
            "held_back": [stretch],
        },
    )
    run = _run([record, _record(1, right=True)])
    for page in (
        run_page(run, {}, {}, []),
        compare_page(compare(run, _run([replace(record, values=_record(0, right=True).values)]))),
    ):
        tags = _Tags()
        tags.feed(page)
        assert not {"script", "img", "link", "iframe"} & set(tags.tags)
        assert all(link.startswith("#") for link in tags.loads)
        assert "\x1b" not in page
        assert "\u202e" not in page
        assert "&lt;script&gt;" in page


def test_a_page_holds_every_missed_item_and_the_three_curves() -> None:
    run = _run([_record(n, right=n > 3) for n in range(12)])
    page = run_page(run, {}, {}, [])
    assert "Missed: 4 of 12" in page
    assert page.count("<details>") == 1 + 4
    assert page.count("<svg") == 3


# -- conversations ---------------------------------------------------------------------------------


class _Talker:
    """A program that knows conversations."""

    def __init__(self, assistant: Assistant) -> None:
        self._assistant = assistant
        self.asked: list[str | None] = []

    def ask(self, query: Query, *, conversation_id: str | None = None) -> Answer:
        self.asked.append(conversation_id)
        return replace(self._assistant.ask(query), conversation_id="c1")

    def search(self, query: Query) -> tuple[Any, ...]:
        return self._assistant.search(query)

    def source_text(self, name: str) -> str:
        return self._assistant.source_text(name)


def test_turns_carry_the_conversation_where_the_program_knows_any(assistant: Assistant) -> None:
    talker = _Talker(assistant)
    first = ask_turn(talker, Query("What is Shared Lives?"), None)
    ask_turn(talker, Query("How many people use it?"), first.conversation_id)
    assert talker.asked == [None, "c1"]


# -- outside sets ----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def outside(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny set of each outside kind, made from the seeds' own words."""
    folder = tmp_path_factory.mktemp("outside")
    text = (
        "The Black Death arose in the plains of Central Asia and travelled along the Silk Road. "
        "It reached Crimea in 1343, carried by fleas that lived on black rats on merchant ships."
    )
    asked = [
        {
            "id": "1",
            "question": "When did the Black Death reach Crimea?",
            "answers": [{"text": "1343", "answer_start": text.index("1343")}],
        },
        {"id": "2", "question": "Who was the mayor?", "answers": [], "is_impossible": True},
    ]
    data = [{"title": "Black_Death", "paragraphs": [{"context": text, "qas": asked}]}]
    (folder / "squad.json").write_text(json.dumps({"version": "v2.0", "data": data}))
    beir = folder / "beir"
    beir.mkdir()
    documents = {
        "d1": text,
        "d2": "Bread is made of flour, water, salt and a little yeast at home.",
    }
    (beir / "corpus.jsonl").write_text(
        "".join(json.dumps({"_id": k, "title": "", "text": t}) + "\n" for k, t in documents.items())
    )
    (beir / "queries.jsonl").write_text(
        json.dumps({"_id": "q", "text": "how is bread made"}) + "\n"
    )
    (beir / "qrels.tsv").write_text("query-id\tcorpus-id\tscore\nq\td2\t2\n")
    chunks = folder / "chunks"
    chunks.mkdir()
    (chunks / "doc.md").write_text(text, encoding="utf-8")
    start = text.index("It reached")
    reference = {"content": text[start:], "start_index": start, "end_index": len(text)}
    quoted = json.dumps([reference]).replace('"', '""')
    (chunks / "questions_df.csv").write_text(
        f'question,references,corpus_id\nWhen did it reach Crimea?,"{quoted}",doc\n'
    )
    return folder


def _figures(folder: Path, settings: Settings, name: str) -> dict[str, dict[str, float]]:
    saved = folder / f"{name}.run.json"
    options = Options(sets=(folder / name,), json=saved, html=folder / "page.html")
    assert evaluate(options, settings, _quiet(), no_progress) == 0
    return {
        one.key: {
            m.figure.name: m.value for m in measure(one.records, figures_of(one), intervals=False)
        }
        for one in read_run(saved).sets
    }


def test_a_reading_set_given_the_paragraph_and_open(outside: Path, settings: Settings) -> None:
    found = _figures(outside, settings, "squad.json")
    assert set(found) == {"squad, given the paragraph", "squad, open"}
    assert found["squad, given the paragraph"]["best_f1"] == 1.0
    assert found["squad, open"]["recall@1"] == 1.0
    assert found["squad, open"]["verified"] == 1.0 or found["squad, open"]["answered"] == 0.0


def test_quotes_of_a_reading_set_stand_where_the_program_reads_them() -> None:
    text = "The plague\n\nIt came in 1347. It came to Crimea in 1346. It came in 1347."
    quotes = tuple(
        Accepted("p.md", at, at + 16, "It came in 1347.", only_here=True) for at in (29, 69)
    )
    question = Question(
        id="1", question="When?", kind="plain", answerable=True, quotes=quotes, answers=(), split=""
    )
    moved = placed(question, lambda _: text).quotes
    assert [text[one.start : one.end] for one in moved] == ["It came in 1347."] * 2
    assert len({one.start for one in moved}) == 2
    lost = replace(question, quotes=(Accepted("p.md", 3, 9, "nowhere"),))
    assert placed(lost, lambda _: text) == lost


def test_a_ranking_set_for_fused_bm25_and_dense(outside: Path, settings: Settings) -> None:
    pytest.importorskip("ir_measures", reason="the extra `eval` is not installed")
    found = _figures(outside, settings, "beir")
    assert set(found) == {"beir", "beir [bm25]", "beir [dense]"}
    assert all(figures["ndcg@10"] == figures["mrr"] == 1.0 for figures in found.values())


def test_the_chunking_set(outside: Path, settings: Settings) -> None:
    found = _figures(outside, settings, "chunks")["chunks"]
    assert found["char_recall"] == 1.0
    assert 0.4 < found["char_precision"] < 0.6
