"""One bad post, line or file stops no build: it is named, and the rest is answered from."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askscwru.index import build as building
from askscwru.index.build import build
from askscwru.index.generation import Index
from askscwru.ingest import read_corpus, readers
from askscwru.settings import Settings
from askscwru.show.screen import report_view
from askscwru.types import BlockKind, Post
from fakes import quiet

GOOD = "---\ntitle: The tide mill\ndate: 2016-05-02\n---\nThe mill grinds forty sacks a day.\n"


def _write(settings: Settings, **files: str | bytes) -> None:
    settings.seeds.mkdir(exist_ok=True)
    for path in settings.seeds.iterdir():
        path.unlink()
    for name, data in files.items():
        raw = data.encode("utf-8", "replace") if isinstance(data, str) else data
        (settings.seeds / name.replace("__", ".")).write_bytes(raw)


LONG = {
    "dashes": "Tides\n\n- one\n\n" + "-" * 300 + "\n\n- two " + "- " * 300,
    "a word": "The gate is " + "a" * 3_000 + " wide.",
    "an address": "See https://mill.example.org/" + "a-b/c_d?e=f&" * 400 + " there.",
    "signs": "It cost €%&/()=" * 500,
    "a sentence": "and the wheel turned " * 600,
    "a title": "# " + "the mill of the tide " * 200 + "\n\nIt grinds.",
    "a heading": "It ground.\n\n## " + "x1-y2/" * 200 + "\n\nIt grinds.",
    "points": "\n".join(f"{n}. a" for n in range(400)),
    "marks": "e\u0301\u0302\u0303" * 900,
    "emoji": "Three of us " + "\U0001f469\u200d\U0001f469\u200d\U0001f467" * 400,
}


def test_what_is_longer_than_the_encoder_takes_is_cut_and_said(fake_settings: Settings) -> None:
    _write(fake_settings, good__md=GOOD, **{f"{n}__md": text for n, text in enumerate_names(LONG)})
    report = build(fake_settings, quiet)
    assert report.posts == len(LONG) + 1
    assert not report.skipped
    assert report.cut["a-sentence.md"] == 1
    shown = [str(line) for line in report_view(report).renderables]  # type: ignore[attr-defined]
    assert any("longer than a passage cut between words" in line for line in shown)
    index = Index.open(fake_settings.embeddings, fake_settings)
    try:
        for passage in index.passages(range(len(index))):
            text = index.text(passage.source)
            assert text[passage.start : passage.end] == passage.text
    finally:
        index.close()


def enumerate_names(texts: dict[str, str]) -> list[tuple[str, str]]:
    """The texts by names that files can have."""
    return [(name.replace(" ", "-"), text) for name, text in texts.items()]


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace")),
    st.sampled_from("md txt html xml json zip docx pdf mhtml warc csv".split()),
)
def test_any_bytes_in_one_file_leave_the_others_in_the_corpus(
    fake_settings: Settings, data: bytes, suffix: str
) -> None:
    _write(fake_settings, good__md=GOOD)
    (fake_settings.seeds / f"bad.{suffix}").write_bytes(data)
    corpus = read_corpus(fake_settings, quiet)
    assert "The tide mill" in [post.title for post in corpus.posts]


class OddError(Exception):
    """What no reader is known to raise."""


def test_an_exception_of_any_kind_is_named_with_its_class(
    fake_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise OddError("the tide\nwas out")

    monkeypatch.setattr(readers, "read_html", fail)
    _write(fake_settings, good__md=GOOD, bad__html="<html><p>The mill grinds.</p></html>")
    report = build(fake_settings, quiet)
    assert [(skip.name, skip.reason) for skip in report.skipped] == [
        ("bad.html", "cannot be read: OddError: the tide was out")
    ]


def test_a_post_that_cannot_be_cut_is_named(
    fake_settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = building.passages_of

    def fail(post: Post, *given: object, **named: object) -> object:
        if post.title == "Bad":
            raise OddError
        return whole(post, *given, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(building, "passages_of", fail)
    _write(fake_settings, good__md=GOOD, bad__md="# Bad\n\nThe mill stood still for once.\n")
    report = build(fake_settings, quiet)
    assert [(skip.name, skip.reason) for skip in report.skipped] == [
        ("bad.md", "the post “Bad”: cannot be read: OddError")
    ]
    assert report.posts == 1


def test_code_is_a_passage_of_its_own(fake_settings: Settings) -> None:
    _write(fake_settings, code__md=f"{GOOD}\n```\nmake mill\n```\n\nThen it grinds.\n")
    build(fake_settings, quiet)
    index = Index.open(fake_settings.embeddings, fake_settings)
    try:
        kinds = {p.text: p.kind for p in index.passages(range(len(index)))}
    finally:
        index.close()
    assert kinds["make mill"] is BlockKind.CODE
    assert kinds["Then it grinds."] is BlockKind.BODY
