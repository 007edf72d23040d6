# ruff: noqa: E501
"""Markdown as its author wrote it: nothing lost, nothing foreign, no mark in the text."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from askscwru.ingest import read_corpus
from askscwru.ingest.formats.markdown import markdown_line, markdown_parts
from askscwru.ingest.formats.markdown_post import read_markdown
from askscwru.ingest.formats.templates import without_templates
from askscwru.ingest.found import Document
from askscwru.ingest.text.front_matter import front_matter_of
from askscwru.settings import Settings
from askscwru.types import BlockKind

FRONT = "---\ntitle: The tide mill\nauthor: Una Brook\ndate: 2016-05-02\n---\n"


def told(markdown: str) -> list[tuple[str, str]]:
    return [(part.kind.value, part.text) for part in markdown_parts(markdown)]


def texts(markdown: str) -> list[str]:
    return [text for _, text in told(markdown)]


def read(markdown: str, name: str = "mill.md", **given: object) -> Document:
    return read_markdown(name, "0", markdown, **given)  # type: ignore[arg-type]


def body(document: Document) -> list[str]:
    [post] = document.posts
    kinds = (BlockKind.BODY, BlockKind.LIST)
    return [document.text[b.start : b.end] for b in post.blocks if b.kind in kinds]


# -- paragraphs ------------------------------------------------------------------------------------


def test_a_paragraph_is_what_stands_between_empty_lines() -> None:
    address = "https://mill.example.org/" + "a-very-long-way-to-the-gate/" * 9
    wrapped = f"The wheel turns at\nhalf tide, see [the\ntable]({address}), and\nstops at noon\n"
    assert told(f"Tides\n{'=' * 120}\n\n{wrapped}\nIt is *loud*, __very__ `so`.") == [
        ("heading", "Tides"),
        ("body", "The wheel turns at half tide, see the table, and stops at noon"),
        ("body", "It is loud, very so."),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "Admission: three pounds, children one",
        "Tel. 01632 960 777",
        "14 May 2009 – the roof is thatched",
        "Contact the miller before ten",
        "Sign up for our newsletter at the gate",
        "Read more in the hall on Friday",
        "https://mill.example.org/tides",
        "The stones were dressed in June [see the picture](https://mill.example.org/s)",
        "Share: half of the flour goes to the school",
        "Closed on Mondays ✅",
        "Posted in the hall: a list of helpers",
        "By Harbour Road the path is flooded",
    ],
)
def test_no_line_of_the_author_is_furniture(line: str) -> None:
    first = "The mill has stood by the creek since the year of the flood, and it still grinds."
    shown = line.partition(" [")[0]
    for text in (f"{first}\n\n{line}\n\n{first}", f"{first}\n\n{line}\n", f"{line}\n\n{first}"):
        assert any(part.startswith(shown) for part in body(read(FRONT + text)))


@pytest.mark.parametrize("head", "Contact,Comments,Search,Related posts,Archives,Share".split(","))
def test_no_section_of_the_author_is_furniture(head: str) -> None:
    under = "Ask for the key at the white house, and bring it back before dark."
    document = read(f"{FRONT}The mill grinds.\n\n## {head}\n\n{under}\n\n## After\n\nThe last.")
    assert body(document) == ["The mill grinds.", under, "The last."]


def test_a_heading_that_heads_nothing_is_text() -> None:
    assert told("## Ways\n\n### By boat\n\nAt noon.\n\n### On foot\n\n### By bus\n\n# End") == [
        ("heading", "Ways"),
        ("heading", "By boat"),
        ("body", "At noon."),
        ("body", "On foot"),
        ("body", "By bus"),
        ("body", "End"),
    ]


# -- what is in them -------------------------------------------------------------------------------


def test_rows_are_told_with_their_heads() -> None:
    table = "| Year | Sacks | Price |\n|---|--:|---|\n| 2014 | **80** | £4 |\n| 2015 |  | £5 |\n"
    wanted = ["Year: 2014; Sacks: 80; Price: £4.", "Year: 2015; Price: £5."]
    assert texts(table) == wanted
    page = (
        "<table>\n  <tr><th>Year</th><th>Sacks</th></tr>\n\n  <tr>\n    <td>2014</td>\n\n"
        "    <td>80</td>\n  </tr>\n\n</table>\n\nAfter it."
    )
    assert texts(page) == ["Year: 2014; Sacks: 80.", "After it."]


def test_a_sign_in_a_cell_is_a_word() -> None:
    table = "| Pass | Adult | Child |\n|---|---|---|\n| Day | £3 | £1 |\n| Month | £31 | – |"
    assert texts(table) == [
        "Pass: Day; Adult: £3; Child: £1.",
        "Pass: Month; Adult: £31; Child: –.",
    ]


def test_marks_of_notes_are_left_out_and_the_notes_kept() -> None:
    notes = (
        "It ground 40[^1] sacks^[In a good year.], 3 m^2^.\n\n[^1]: Weighed.\n[^2]: Nobody asked."
    )
    assert texts(notes)[0].startswith("It ground 40 sacks, 3 m")
    assert texts(notes)[1:] == ["Weighed.", "Nobody asked.", "In a good year."]
    assert texts("It ground 40<sup>2</sup> sacks on 9 m<sup>2</sup>.") == [
        "It ground 40² sacks on 9 m²."
    ]


def test_struck_out_text_is_left_out() -> None:
    assert texts("It costs ~~four~~ five pounds, <del>or</del> not.") == [
        "It costs five pounds, not."
    ]


def test_a_term_stands_with_what_it_means() -> None:
    assert texts("Leat\n: the *cut* to the wheel\n: a ditch\n") == [
        "Leat: the cut to the wheel",
        "Leat: a ditch",
    ]


def test_pictures_are_their_alternative_text() -> None:
    assert texts(
        "![The sluice](a.jpg) Open it with the ![star](s.png) key.\n\n![IMG_204.jpg](x)"
    ) == [
        "The sluice",
        "Open it with the star key.",
    ]


def test_code_is_code_and_text_that_is_only_indented_is_not() -> None:
    text = (
        "```sh\nmake tide\n\nmake mill\n```\n\n1. Open the gate.\n\n        Lift it by the chain, and"
        " never by the wheel.\n\nThen:\n\n    x = tide(3)\n    return x\n"
    )
    assert told(text) == [
        ("code", "make tide\n\nmake mill"),
        ("list", "Open the gate.\nLift it by the chain, and never by the wheel."),
        ("body", "Then:"),
        ("code", "x = tide(3)\nreturn x"),
    ]


def test_what_only_looks_like_a_tag_stays_text() -> None:
    assert texts("Set the <title> of the page, then <your name>.\n\nMore <b>text</b>.") == [
        "Set the <title> of the page, then <your name>.",
        "More text.",
    ]


@pytest.mark.parametrize(
    ("markdown", "wanted"),
    [
        ('See [the list]({{< ref "/list.md" >}} "A list") there.', ["See the list there."]),
        ("See [it]({{ site.url }}/x) or [that]({% post_url 2014-01-01-x %}).", ["See it or that."]),
        ("{{% note %}}\nMind the step.\n{{% /note %}}", ["Mind the step."]),
        ('{{< figure src="a.jpg" alt="The gate" caption="Open" >}}\nText.', ["The gate", "Open", "Text."]),
        ("{% include toc.html %}\n\nText {{ page.date | date: '%Y' }}.", ["Text ."]),
        ("{% comment %}No.{% endcomment %}Yes.", ["Yes."]),
        ("# Head {#id .x}\n\nText.\n{: .lead}", ["Head", "Text."]),
        ("!!! note \"Mind\"\n    The step is high.\n\nAfter.", ["Mind", "The step is high.", "After."]),
        ("> [!tip] Bring\n> a torch.", ["Bring a torch."]),
        (":::warning\nWet.\n:::", ["Wet."]),
        ("Go to [[Mill|the mill]] ==now==.", ["Go to the mill now."]),
        ("**Bold ** and __ ends.**", ["Bold  and ends."]),
        ("<p>See [it](https://x.example/a)</p>", ["See it"]),
    ],
)  # fmt: skip
def test_templates_and_marks_are_no_text(markdown: str, wanted: list[str]) -> None:
    assert [" ".join(text.split()) for text in texts(markdown)] == [
        " ".join(text.split()) for text in wanted
    ]


def test_code_keeps_what_looks_like_a_template() -> None:
    code = "Write `{{ page.title }}` so:\n\n~~~\n{% if x %}\n~~~\n"
    assert without_templates(code) == code


@pytest.mark.parametrize(
    ("line", "authors", "day"),
    [
        ("*Una Brook, mill warden. 18 February 2025*", ("Una Brook",), "2025-02-18"),
        ("*Posted by the mill office, 6 January 2025*", (), "2025-01-06"),
        ("*Weir team, updated 11 Feb 2025*", (), "2025-02-11"),
        ("The weir broke. Notes by Una Brook, 4 March 2024.", ("Una Brook",), "2024-03-04"),
        ("The weir is open again on 4 March 2024.", (), None),
        ("The plan of the weir was published on 4 March 2024.", (), None),
        ("The next supper of the mill is on Saturday, 4 March 2024.", (), None),
    ],
)
def test_the_line_below_a_heading_may_say_who_and_when(
    line: str, authors: tuple[str, ...], day: str | None
) -> None:
    document = read(f"# The weir\n\n{line}\n\nThe mill grinds all night.\n")
    [post] = document.posts
    assert (post.authors, post.published) == (authors, day)
    told = [document.text[block.start : block.end] for block in post.blocks]
    assert day is not None or line in told


# -- front matter ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("front", "title", "authors", "day"),
    [
        ("title: >\n  A long\n  tale\nauthor: 'Ann O''Hara'\ndate: 2 May 2016", "A long tale", ("Ann O'Hara",), "2016-05-02"),
        ("title: Mills: a tale\nauthors:\n  - Una Brook\n  - Bo Lind\ndate: 2016-5-2", "Mills: a tale", ("Una Brook", "Bo Lind"), "2016-05-02"),
        ("title: 'Mill&#8217;s *own* day'\nauthor: {name: Una Brook}\ndate: 2. května 2016", "Mill’s own day", ("Una Brook",), "2016-05-02"),
        ("title: \"2016\"\nauthor: mill@example.org\ndate: 0000-00-00", "2016", (), None),
        ("title: No\nauthor: Department of Mills and Weirs\ndate: 3/5/2016", "No", ("Department of Mills and Weirs",), None),
        ("title: Yes\nby: Una Brook, Miller\ndate: May 2016", "Yes", ("Una Brook",), None),
    ],
)  # fmt: skip
def test_front_matter_is_read_as_a_person_reads_it(
    front: str, title: str, authors: tuple[str, ...], day: str | None
) -> None:
    document = read(f"---\n{front}\n---\n\nThe mill grinds.")
    [post] = document.posts
    assert post.title is not None
    assert (post.title.of(document.text), post.authors, post.published) == (title, authors, day)


@pytest.mark.parametrize(
    "front",
    ["+++\ntitle = 'T'\ndate = 2016-05-02\n+++\n", '{"title": "T", "date": "2016-05-02"}\n', "Title: T\nDate: 2016-05-02\n\n"],
)  # fmt: skip
def test_front_matter_has_many_forms(front: str) -> None:
    document = read(f"{front}The mill grinds.")
    [post] = document.posts
    assert (document.text, post.published) == (
        "T\n\nPublished 2 May 2016\n\nThe mill grinds.",
        "2016-05-02",
    )


def test_a_rule_above_the_text_is_no_front_matter() -> None:
    assert front_matter_of("---\n\nAt noon: the tide.\n\n---\n\nMore.").title is None
    assert front_matter_of("---\nWe met at noon.\n---\nMore.").end == 0


def test_front_matter_wins_over_what_looks_like_a_byline() -> None:
    text = "*A guest post by [Bo Lind](https://x.example), Miller*\n\nThe mill grinds."
    assert read(FRONT + text).posts[0].authors == ("Una Brook",)
    assert body(read(FRONT + text))[0] == "A guest post by Bo Lind, Miller"
    bare = read(FRONT.replace("author: Una Brook\n", "") + "By Bo Lind\n\nThe mill grinds.")
    assert bare.posts[0].authors == ("Bo Lind",)


@pytest.mark.parametrize(
    "header",
    [
        "**Author:** Una Brook\n**Date:** 6 September 2023",
        "Date: 6 September 2023\n\nAuthor: Una Brook",
        "*By: Una Brook | Posted: 6 September 2023*",
        "Written by: Una Brook. Published: 6 September 2023.",
    ],
)
def test_fields_below_the_title_tell_author_and_day(header: str) -> None:
    document = read(f"# The mill\n\n{header}\n\nThe mill grinds again.\n")
    post = document.posts[0]
    assert (post.authors, post.published) == (("Una Brook",), "2023-09-06")
    assert body(document) == ["The mill grinds again."]


def test_a_paragraph_that_goes_on_behind_a_field_is_text() -> None:
    text = "By: the time it rained on 3 May 2021 the mill stood still."
    document = read(f"# The mill\n\n{text}\n")
    assert body(document) == [text]
    assert document.posts[0].authors == ()


def test_a_post_without_text_is_its_lead_and_an_opening() -> None:
    document = read("---\ntitle: T\nsummary: The **mill** grinds.\n---\n")
    assert (body(document), document.posts[0].complete) == (["The mill grinds."], False)
    assert read("---\ntitle: T\n---\n").skipped == ("1 without any text (“T”)",)


def test_without_front_matter_the_first_heading_is_the_title() -> None:
    document = read(
        "The tide mill\n=====\n\nIt grinds.\n\n## Comments\n\nNone so far, they said.\n"
    )
    [post] = document.posts
    assert post.title is not None
    assert post.title.of(document.text) == "The tide mill"
    assert body(document) == ["It grinds.", "None so far, they said."]


def test_a_title_keeps_its_signs() -> None:
    assert markdown_line("2 * 3 = 6, `so` &amp; *so* <3") == "2 * 3 = 6, so & so <3"


# -- anything at all -------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [
        "---\n", "+++\n", "title: x\n", "# ", "- ", "> ", "| a | b |\n|---|---|\n", "```\n", "`", "**", "_", "~~",
        "[a](", ")", "![x](y.png)", "[^1]", "[^1]: n\n", ": d\n", "    ", "\n", "\n\n", "<table>", "<td>", "</p>",
        "{{< figure alt=\"x\" >}}", "{{", "}}", "{% raw %}", "{% endraw %}", "{: .x}", "[[", "]]", "!!! a\n    b\n", "==", "%%",
        "<title>", "<script>", "<!--", "-->", "&amp;", "&#0;", "\u202e", "\ufeff", "\x1f", "By Ann Leigh\n", "The mill grinds. ",
    ]
)  # fmt: skip


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(PIECES | st.text(max_size=8), max_size=30).map("".join))
def test_any_markdown_is_read_and_every_block_is_a_slice(text: str) -> None:
    document = read(text)
    document.text.encode("utf-8", "surrogatepass")
    for post in document.posts:
        last = -1
        for block in post.blocks:
            assert last <= block.start < block.end <= len(document.text)
            piece = document.text[block.start : block.end]
            assert piece == piece.strip()
            last = block.end


@pytest.mark.parametrize(
    "piece",
    ["{{< ", "{{", "{% ", "`", "``` ", "[[a", "[a](", "![", "==a", "!!! a\n    ", "*a_", "<a ", "| a ", "> ", "- ", "[^1]", "&a", "---\n"],
)  # fmt: skip
def test_no_markdown_takes_for_ever(piece: str) -> None:
    # A pattern that backtracks takes minutes: pytest then shows where it hangs.
    document = read((piece * 8_000)[:8_000])
    ends = [block.end for post in document.posts for block in post.blocks]
    assert all(end <= len(document.text) for end in ends)


def test_offsets_refer_to_the_extracted_text(tmp_path: Path) -> None:
    (tmp_path / "mill.md").write_text(f"{FRONT}The *mill* grinds 40 sacks.\n", encoding="utf-8")
    corpus = read_corpus(Settings(seeds=tmp_path, embeddings=tmp_path / "index"), lambda *_: None)
    [post], [source] = corpus.posts, corpus.sources
    assert source.format == "markdown"
    assert source.text_sha256 is not None
    assert corpus.texts["mill.md"][post.start : post.end].endswith("The mill grinds 40 sacks.")
