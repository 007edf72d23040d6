"""The list of sources, and an index that keeps up with it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from test_ingest_wxr import Item, export

from askscwru.assistant import Assistant
from askscwru.cli import ANSWERED, FAILED, STOPPED, WRONG_USE, main
from askscwru.errors import AskscwruError, NotFoundError, SeedsError, UsageError
from askscwru.index.build import BuildReport, build
from askscwru.index.generation import Index
from askscwru.index.sources import add_paths, forecast, index_paths, remove_names, show, watch
from askscwru.ingest.roots import SOURCES, read_list
from askscwru.settings import Settings
from askscwru.types import Filters, Post
from fakes import quiet
from sites import THEMES, save_site, stories

WORDS = "The tram leaves the harbour at ten and comes back at five with nineteen people in it."
Capture = pytest.CaptureFixture[str]


@pytest.fixture
def blog(tmp_path: Path) -> Path:
    """A folder with an export and a Markdown file."""
    folder = tmp_path / "my blog"
    folder.mkdir()
    items = [
        Item(),
        Item(
            title="The second bus",
            content="It left the square at noon with nobody in it.",
            number=2,
        ),
    ]
    (folder / "export.xml").write_text(export(*items), encoding="utf-8")
    (folder / "tram.md").write_text(f"---\ntitle: The tram\ntags: [rails]\n---\n{WORDS}\n")
    return folder


@pytest.fixture
def alone(fake_settings: Settings, tmp_path: Path) -> Settings:
    """Settings without a seeds folder."""
    return fake_settings.model_copy(update={"seeds": tmp_path / "no seeds"})


def posts(settings: Settings) -> dict[str | None, Post]:
    index = Index.open(settings.embeddings, settings)
    try:
        assert index.verify() == []
        return {post.title: post for post in index.posts()}
    finally:
        index.close()


def options(settings: Settings) -> list[str]:
    return ["--seeds", str(settings.seeds), "--embeddings", str(settings.embeddings)]


# -- the list --------------------------------------------------------------------------------------


def test_a_place_is_added_once_shown_and_removed(fake_settings: Settings, blog: Path) -> None:
    add_paths(fake_settings, [blog, blog])
    assert [place.name for place in show(fake_settings)] == ["seeds", "my-blog"]
    remove_names(fake_settings, ["my-blog"])
    assert [place.name for place in show(fake_settings)] == ["seeds"]
    add_paths(fake_settings, [blog])
    remove_names(fake_settings, [str(blog)])
    with pytest.raises(NotFoundError, match="not in the list"):
        remove_names(fake_settings, ["my-blog"])


def test_the_seeds_can_be_removed_and_added_again(fake_settings: Settings) -> None:
    remove_names(fake_settings, ["seeds"])
    assert show(fake_settings) == []
    add_paths(fake_settings, [fake_settings.seeds])
    assert [place.name for place in show(fake_settings)] == ["seeds"]
    assert read_list(fake_settings).sha256() == ""


def test_two_places_of_one_name_have_two_names(fake_settings: Settings, tmp_path: Path) -> None:
    for number in range(3):
        folder = tmp_path / str(number) / "blog"
        folder.mkdir(parents=True)
        add_paths(fake_settings, [folder])
    assert [place.name for place in show(fake_settings)][1:] == ["blog", "blog-2", "blog-3"]


def test_what_cannot_be_a_place_is_refused(fake_settings: Settings, blog: Path) -> None:
    with pytest.raises(UsageError, match="no file or folder"):
        add_paths(fake_settings, [blog, blog / "nothing"])
    assert len(show(fake_settings)) == 1
    add_paths(fake_settings, [blog])
    with pytest.raises(UsageError, match="a source already"):
        add_paths(fake_settings, [blog / "tram.md"])
    fake_settings.embeddings.mkdir(exist_ok=True)
    with pytest.raises(UsageError, match="in the folder of the index"):
        add_paths(fake_settings, [fake_settings.embeddings])


@pytest.mark.parametrize("told", ["", "{", "[]", '{"seeds": 3, "places": []}', '{"places": [{}]}'])
def test_a_damaged_list_is_named(fake_settings: Settings, told: str) -> None:
    fake_settings.embeddings.mkdir()
    (fake_settings.embeddings / SOURCES).write_text(told)
    with pytest.raises(SeedsError, match=r"sources\.json is damaged"):
        show(fake_settings)


# -- the index -------------------------------------------------------------------------------------


def test_seeds_and_other_places_are_indexed_together(fake_settings: Settings, blog: Path) -> None:
    report = index_paths(fake_settings, [blog], quiet)
    assert report.changes.new == report.posts == 5
    found = posts(fake_settings)
    assert found["The tram"].source == "my-blog/tram.md"
    assert found["The minibus"].source == "my-blog/export.xml"
    assert not index_paths(fake_settings, [], quiet).changed
    shown = {place.name: (place.sources, place.posts) for place in show(fake_settings)}
    assert shown == {"seeds": (2, 2), "my-blog": (2, 3)}


def test_a_place_without_seeds_is_enough(alone: Settings, blog: Path) -> None:
    assert index_paths(alone, [blog / "export.xml"], quiet).posts == 2
    assert posts(alone)["The minibus"].source == "export.xml"


def test_texts_that_were_extracted_are_served_and_quoted(alone: Settings, blog: Path) -> None:
    index_paths(alone, [blog], quiet)
    index = Index.open(alone.embeddings, alone)
    for row in range(len(index)):
        [passage] = index.passages([row])
        source = index.source(passage.source)
        if source.text_sha256 is not None:
            assert index.text(passage.source)[passage.start : passage.end] == passage.text
    with pytest.raises(NotFoundError):
        index.text("my-blog/nothing.xml")
    index.close()
    assistant = Assistant.load(alone)
    try:
        text = assistant.source_text("my-blog/export.xml")
        assert text.startswith("The minibus\n\nBy Ann Leigh, 3 May 2014\n\n")
        assert assistant.source_text("my-blog/tram.md") == f"The tram\n\n{WORDS}"
    finally:
        assistant.close()


def test_only_what_changed_is_encoded_and_counted(alone: Settings, blog: Path) -> None:
    first = index_paths(alone, [blog], quiet)
    items = [Item(), Item(title="The second bus", content="All is new here. It is.", number=2)]
    items.append(Item(title="The third bus", content="One more bus has come to us.", number=3))
    (blog / "export.xml").write_text(export(*items), encoding="utf-8")
    second = build(alone, quiet)
    assert second.updated == ("my-blog/export.xml",)
    assert (second.changes.new, second.changes.changed, second.changes.gone) == (1, 1, 0)
    assert 0 < second.vectors_encoded < first.vectors_encoded
    (blog / "export.xml").unlink()
    third = build(alone, quiet)
    assert (third.gone, third.changes.gone) == (("my-blog/export.xml",), 3)
    assert list(posts(alone)) == ["The tram"]


def test_the_index_may_lie_among_the_posts(alone: Settings, blog: Path) -> None:
    settings = alone.model_copy(update={"embeddings": blog / "embeddings"})
    assert index_paths(settings, [blog], quiet).sources == 2
    assert not build(settings, quiet).changed


def test_a_moved_file_is_recognised(alone: Settings, blog: Path) -> None:
    index_paths(alone, [blog], quiet)
    (blog / "2014").mkdir()
    (blog / "tram.md").rename(blog / "2014" / "rails.md")
    report = build(alone, quiet)
    assert report.moved == (("my-blog/tram.md", "my-blog/2014/rails.md"),)
    assert (report.new, report.gone, report.vectors_encoded) == ((), (), 0)
    assert (report.changes.new, report.changes.gone) == (0, 0)


def test_files_that_did_not_change_are_not_read_again(
    alone: Settings, blog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    index_paths(alone, [blog], quiet)
    from askscwru.ingest.readers import Readers

    read: list[str] = []
    original = Readers.read
    monkeypatch.setattr(
        Readers,
        "read",
        lambda self, file, data: read.append(file.name) or original(self, file, data),
    )
    (blog / "new.md").write_text("# A new bus\n\nIt came on a Monday and it left on a Friday.\n")
    build(alone, quiet)
    assert read == ["my-blog/new.md"]


def test_a_place_that_went_away_is_named_and_its_posts_go_if_they_may(
    alone: Settings, blog: Path
) -> None:
    index_paths(alone, [blog / "export.xml", blog / "tram.md"], quiet)
    shutil.move(blog / "tram.md", blog.parent / "tram.md")
    for forget in (False, True):
        report = build(alone, quiet, forget_missing=forget)
        assert [(s.name, "is not there" in s.reason) for s in report.skipped] == [("tram.md", True)]
        assert ("The tram" in posts(alone)) is not forget
    assert [place.there for place in show(alone)[1:]] == [True, False]


def test_a_place_with_nothing_in_it_is_not_kept(alone: Settings, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    with pytest.raises(SeedsError, match="no page to read"):
        index_paths(alone, [tmp_path / "empty"], quiet)
    assert len(show(alone)) == 1


def test_a_dry_run_says_what_would_be_done_and_writes_nothing(alone: Settings, blog: Path) -> None:
    told = forecast(alone, [blog], quiet)
    assert (told.posts, told.changes.new) == (3, 3)
    assert told.new == ("my-blog/export.xml", "my-blog/tram.md")
    assert not alone.embeddings.exists()
    index_paths(alone, [blog], quiet)
    (blog / "tram.md").unlink()
    told = forecast(alone, [], quiet)
    assert (told.gone, told.changes.gone) == (("my-blog/tram.md",), 1)
    assert "The tram" in posts(alone)


def test_a_watched_folder_is_indexed_when_it_changes(alone: Settings, blog: Path) -> None:
    index_paths(alone, [blog], quiet)
    waits = 0

    def wait(seconds: float) -> None:
        nonlocal waits
        waits += 1
        if waits == 2:
            (blog / "new.md").write_text(
                "# A new bus\n\nIt came on a Monday, it left on a Friday.\n"
            )
        if waits == 8:
            for path in blog.iterdir():
                path.write_bytes(b"\0")

    outcomes = watch(alone, quiet, wait=wait)
    first = next(outcomes)
    assert isinstance(first, BuildReport)
    assert first.new == ("my-blog/new.md",)
    second = next(outcomes)  # a build that fails does not end it
    assert isinstance(second, AskscwruError)
    outcomes.close()


# -- the commands ----------------------------------------------------------------------------------


@pytest.fixture
def command(alone: Settings, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    monkeypatch.setenv("ASKSCWRU_MODEL", alone.model)
    return options(alone)


def test_the_commands_index_show_and_remove(
    command: list[str], blog: Path, capsys: Capture
) -> None:
    assert main(["index", str(blog), "--dry-run", *command]) == ANSWERED
    assert "would have 3 posts. Nothing was written." in capsys.readouterr().out
    assert main(["index", str(blog), *command]) == ANSWERED
    shown = capsys.readouterr().out
    assert "Indexed 3 posts" in shown
    assert (
        "Posts: 3 new, 0 changed, 0 gone; 0 copies of them elsewhere; 0 things left out." in shown
    )
    assert main(["sources", "--json", *command]) == ANSWERED
    listed = json.loads(capsys.readouterr().out)
    assert [(place["name"], place["posts"]) for place in listed] == [("seeds", 0), ("my-blog", 3)]
    assert main(["posts", "--json", *command]) == ANSWERED
    told = {post["title"]: post for post in json.loads(capsys.readouterr().out)}
    assert told["The minibus"]["categories"] == ["Buses & trains"]
    assert told["The tram"]["tags"] == ["rails"]
    assert main(["sources", "remove", "my-blog", *command]) == ANSWERED
    assert main(["index", *command]) == FAILED
    assert "There is no folder" in capsys.readouterr().err


def test_many_files_left_out_for_one_reason_share_a_line(
    command: list[str], blog: Path, capsys: Capture
) -> None:
    for number in range(6):
        (blog / f"{number}.json").write_text("[]")
    assert main(["index", str(blog), *command]) == ANSWERED
    [line] = [line for line in capsys.readouterr().out.splitlines() if "JSON" in line]
    assert line == (
        "skipped 6 files (my-blog/0.json, my-blog/1.json, my-blog/2.json, …): "
        "JSON, but neither a JSON Feed nor an export of Ghost (Settings → Export): export the "
        "posts as WXR, a feed, HTML or Markdown"
    )


@pytest.mark.parametrize(
    "words", [["sources", "add"], ["sources", "show", "x"], ["index", "nothing/here"]]
)
def test_wrong_use_is_one_line(command: list[str], words: list[str], capsys: Capture) -> None:
    assert main([*words, *command]) == WRONG_USE
    assert capsys.readouterr().err.count("\n") == 1


def test_control_c_keeps_what_was_done(
    command: list[str], blog: Path, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("askscwru.index.part_writer.LexicalIndex.build", stop)
        assert main(["index", str(blog), *command]) == STOPPED
    assert "kept" in capsys.readouterr().err
    settings = Settings(seeds=Path(command[1]), embeddings=Path(command[3]))
    assert build(settings, quiet).vectors_encoded == 0


# -- filters ---------------------------------------------------------------------------------------


def test_posts_are_found_by_blog_category_tag_and_period(alone: Settings, blog: Path) -> None:
    index_paths(alone, [blog], quiet)
    assistant = Assistant.load(alone)
    try:
        question = "Which bus or tram leaves at nine or ten?"

        def titles(**wanted: str) -> set[str | None]:
            hits = assistant.search(question, filters=Filters(**wanted))
            return {assistant.post(hit.passage.post_id).title for hit in hits}

        assert titles(tag="RAILS") == {"The tram"}
        assert titles(category="buses & trains") == {"The minibus", "The second bus"}
        assert titles(blog="notes & queries") == {"The minibus", "The second bus"}
        assert titles(after="2014-01-01", before="2015-01-01") == {"The minibus", "The second bus"}
        for wrong, told in (
            ({"tag": "rail"}, "Did you mean “rails”?"),
            ({"category": " "}, "blank"),
            ({"blog": "Nobody’s"}, "No post has the blog"),
            ({"after": "2015-01-01", "before": "2014-01-01"}, "before it begins"),
        ):
            with pytest.raises(UsageError) as raised:
                titles(**wrong)
            assert told in str(raised.value)
        with pytest.raises(UsageError, match="no order"):
            assistant.ask(question, sort="length")
    finally:
        assistant.close()


def test_passages_can_be_shown_newest_first(alone: Settings, tmp_path: Path) -> None:
    folder = tmp_path / "site"
    save_site(folder, THEMES["jekyll"], stories(6))
    index_paths(alone, [folder], quiet)
    assistant = Assistant.load(alone)
    try:
        question = "What does a place cost a month?"
        answer = assistant.ask(question, sort="date", top_k=6)
        days = [assistant.post(hit.passage.post_id).published or "" for hit in answer.hits]
        assert days == sorted(days, reverse=True)
        assert len(set(days)) > 2
        plain = assistant.ask(question, top_k=6)
        assert {h.passage.id for h in plain.hits} == {h.passage.id for h in answer.hits}
        assert [c.index for c in answer.citations] == list(range(1, len(answer.citations) + 1))
    finally:
        assistant.close()


# -- what is out of reach --------------------------------------------------------------------------


@pytest.fixture
def mounted(fake_settings: Settings, blog: Path) -> Settings:
    """An index of the seeds and of a folder that may go away."""
    index_paths(fake_settings, [blog], quiet)
    return fake_settings


@pytest.mark.parametrize("how", ["gone", "empty", "a broken link"])
def test_what_is_out_of_reach_stays_and_can_be_quoted(
    mounted: Settings, blog: Path, how: str, monkeypatch: pytest.MonkeyPatch, capsys: Capture
) -> None:
    monkeypatch.setenv("ASKSCWRU_MODEL", mounted.model)
    before = posts(mounted)
    if how == "a broken link":
        (blog / "tram.md").unlink()
        (blog / "tram.md").symlink_to(blog / "nothing")
    else:
        shutil.rmtree(blog)
        if how == "empty":
            blog.mkdir()
    for again in ([], [], ["--force"]):
        assert main(["index", *options(mounted), *again]) == ANSWERED
        shown = capsys.readouterr().out
        assert "kept what was read of my-blog" in shown
        assert "--forget-missing" in shown
        assert posts(mounted).keys() == before.keys()
    assert forecast(mounted, [], quiet).changes.gone == 0
    assistant = Assistant.load(mounted)
    try:
        assert assistant.source_text("my-blog/tram.md").endswith(WORDS)
    finally:
        assistant.close()
    assert forecast(mounted, [], quiet, forget_missing=True).changes.gone >= 1
    assert main(["index", "--forget-missing", *options(mounted)]) == ANSWERED
    assert "The tram" not in posts(mounted)


def test_what_comes_back_is_read_again(mounted: Settings, blog: Path) -> None:
    away = blog.with_name("away")
    shutil.move(blog, away)
    build(mounted, quiet)
    shutil.move(away, blog)
    (blog / "tram.md").write_text(f"---\ntitle: The late tram\n---\n{WORDS}\n")
    report = build(mounted, quiet)
    assert report.updated == ("my-blog/tram.md",)
    assert not any(skip.kept for skip in report.skipped)
    assert "The late tram" in posts(mounted)


def test_seeds_that_are_out_of_reach_stay_beside_other_places(mounted: Settings) -> None:
    before = posts(mounted)
    shutil.rmtree(mounted.seeds)
    report = build(mounted, quiet)
    assert [(skip.name, skip.kept) for skip in report.skipped if skip.kept] == [("seeds", 2)]
    assert posts(mounted).keys() == before.keys()
    # A place that was taken off the list is no part of the seeds that are away.
    remove_names(mounted, ["my-blog"])
    mounted.seeds.mkdir()
    assert build(mounted, quiet).posts == 2


def test_a_file_that_was_taken_away_or_moved_is_not_kept(mounted: Settings, blog: Path) -> None:
    (blog / "tram.md").unlink()
    report = build(mounted, quiet)
    assert report.gone == ("my-blog/tram.md",)
    (blog / "export.xml").rename(blog / "posts.xml")
    assert build(mounted, quiet).moved == (("my-blog/export.xml", "my-blog/posts.xml"),)
    remove_names(mounted, ["my-blog"])
    assert build(mounted, quiet).posts == 2


def test_what_cannot_be_kept_leaves_the_index_as_it_was(
    mounted: Settings, blog: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another version of the program would read the files otherwise, and cannot."""
    for module in ("build", "making"):
        monkeypatch.setattr(f"askscwru.index.{module}.code_of_program", lambda: "another")
    shutil.rmtree(blog)
    before = posts(mounted)
    with pytest.raises(SeedsError, match="--forget-missing"):
        build(mounted, quiet)
    assert posts(mounted).keys() == before.keys()
    assert build(mounted, quiet, forget_missing=True).posts == 2
