"""Citations as scholars write them, and conversations as Markdown files."""

from __future__ import annotations

import json
import re
import unicodedata
from datetime import date
from pathlib import Path
from typing import Any

import citeproc
import pytest
from citeproc import (
    Citation,
    CitationItem,
    CitationStylesBibliography,
    CitationStylesStyle,
    formatter,
)
from citeproc.source.json import CiteProcJSON
from hypothesis import given
from hypothesis import strategies as st

from askscwru.errors import StorageError, UsageError
from askscwru.show.references import (
    STYLES,
    as_bibtex,
    as_text,
    escape,
    quoted,
    reference,
    source_line,
)
from askscwru.show.transcript import as_markdown, escaped, file_name, free_name, save
from askscwru.types import CitationRecord, Conversation, Filters, Limits, Span, Turn

DAY = date(2026, 11, 22)
ANY_TEXT = st.text(alphabet=st.characters(codec=None), max_size=60)


def citation(**more: Any) -> CitationRecord:
    known = {
        "index": 1,
        "quote": "Used by 412 people.",
        "start": 4021,
        "end": 4040,
        "highlight": Span(4029, 4032),
        "post_id": "0123456789ab",
        "title": "Gardens & homes: 50% more",
        "authors": ("Anna Gärtner", "Bo Field"),
        "blog": "The Garden Blog",
        "source": "003_page.txt",
        "also_in": ("copy.txt",),
        "url": None,
        "published": "2018-03-01",
        "complete": False,
        "word_count": 455,
        "passage_id": "p",
        "score": 0.9,
    }
    return CitationRecord(**(known | more))


def conversation(*turns: Turn, title: str = "How many *people*?") -> Conversation:
    return Conversation(
        id="c",
        title=title,
        created_at="2026-11-21T12:00:00.000000+00:00",
        updated_at="2026-11-22T12:00:00.000000+00:00",
        count=len(turns),
        turns=turns,
    )


def turn(**more: Any) -> Turn:
    told = {
        "number": 1,
        "question": "How many <b>people</b> use it?",
        "searched_for": "How many people use the garden?",
        "answered": True,
        "confidence": 0.91,
        "text": "Used by 412 people. [1]",
        "citations": (citation(),),
        "asked_at": "2026-11-22T12:00:00.000000+00:00",
    }
    return Turn(**{**told, **more})


def test_a_citation_in_text_names_authors_title_blog_source_characters_and_day() -> None:
    assert as_text(citation(), DAY) == (
        "“Used by 412 people.” (Anna Gärtner, Bo Field, “Gardens & homes: 50% more”,"
        " The Garden Blog, 2018-03-01, 003_page.txt, characters 4,021–4,040,"
        " retrieved 22 November 2026)"
    )


def test_what_is_not_known_is_left_out_of_a_citation() -> None:
    bare = citation(title=None, authors=(), blog=None, published=None)
    line = "no author named, untitled post, 003_page.txt, characters 4,021–4,040"
    assert source_line(bare) == line


def test_bibtex_holds_the_post_and_the_quote_and_escapes_what_tex_obeys() -> None:
    assert as_bibtex(citation(), DAY).splitlines() == [
        "@misc{gartner-gardens-012345,",
        "  author = {Anna Gärtner and Bo Field},",
        r"  title = {{Gardens \& homes: 50\% more}},",
        "  howpublished = {The Garden Blog},",
        "  year = {2018},",
        "  month = {3},",
        "  urldate = {2026-11-22},",
        r"  note = {Quoted: ``Used by 412 people.'' (003\_page.txt, characters 4021--4040). "
        "Retrieved 22 November 2026.},",
        "}",
    ]


def test_bibtex_keeps_a_group_of_authors_together() -> None:
    entry = as_bibtex(citation(authors=("Smith, Jones and Partners",), title=None), DAY)
    assert "author = {{Smith, Jones and Partners}}" in entry
    assert entry.startswith("@misc{partners-post-012345,")


@given(text=ANY_TEXT)
def test_no_text_can_leave_its_field_of_bibtex(text: str) -> None:
    entry = as_bibtex(citation(title=text, quote=text, blog=text, url=text, authors=(text,)), DAY)
    bare = re.sub(r"\\[\\{}$&#_%]|\\text\w+\{\}", "", entry)
    depth = 0
    for character in bare:
        depth += {"{": 1, "}": -1}.get(character, 0)
        assert depth >= 0
    assert depth == 0
    assert len(entry.splitlines()) == len([line for line in entry.split("\n") if line])
    assert not re.search(r"(?<!\\)[$&#%]", escape(text))


def test_a_conversation_in_markdown_has_every_quote_with_its_full_citation() -> None:
    page = as_markdown(conversation(turn(), turn(number=2, answered=False, citations=())))
    assert page.startswith("# How many \\*people\\*?\n\nAsked on 21 November 2026 to 22 November")
    assert "## 1. How many \\<b>people\\</b> use it?" in page
    assert "Searched for: How many people use the garden?" in page
    assert "> “Used by **412** people.” \\[1]" in page
    assert "1. Anna Gärtner, Bo Field, “Gardens & homes: 50% more”" in page
    assert "characters 4,021–4,040, retrieved 22 November 2026" in page
    assert "   Also in copy.txt." in page
    assert "   Only the opening of this post is known." in page
    assert "Confidence: 0.91, very sure." in page


def test_a_mark_that_begins_with_a_blank_is_still_bold_in_markdown() -> None:
    odd = citation(highlight=Span(4028, 4033))
    assert "Used by **412** people" in as_markdown(conversation(turn(citations=(odd,))))


@given(text=ANY_TEXT)
def test_no_text_becomes_markdown_or_a_control_code(text: str) -> None:
    shown = escaped(text)
    bare = shown.replace("\\\\", "")
    assert not re.search(r"(?<!\\)[*`<\[~]|^(?:[>#]|[-+] )", bare)
    assert not re.search(r"(?<![\\\w])_\w|\w(?<!\\)_(?!\w)", bare)
    assert shown.isprintable() or not shown.isascii()
    assert "\n" not in shown


@pytest.mark.parametrize(
    ("title", "name"),
    [
        ("How many people use Shared Lives?", "how-many-people-use-shared-lives.md"),
        ("../../etc/passwd", "etc-passwd.md"),
        ("???", "conversation.md"),
        ("Où est-elle ?", "où-est-elle.md"),
        ("x" * 300, "x" * 60 + ".md"),
    ],
)
def test_a_file_is_named_after_the_conversation(title: str, name: str) -> None:
    assert file_name(conversation(title=title)) == name


def test_saving_writes_a_whole_new_file_and_never_over_another(tmp_path: Path) -> None:
    path = tmp_path / "new" / "a.md"
    assert save(conversation(turn()), path) == path
    assert path.read_text(encoding="utf-8") == as_markdown(conversation(turn()))
    path.write_text("mine")
    with pytest.raises(UsageError, match=r"is there already. a-2.md is free."):
        save(conversation(turn()), path)
    assert path.read_text() == "mine"
    assert [found.name for found in path.parent.iterdir()] == ["a.md"]
    assert free_name(path).name == "a-2.md"


def test_a_place_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match=r"Cannot write .*a\.md"):
        save(conversation(turn()), tmp_path / "file" / "a.md")
    with pytest.raises(StorageError, match="Cannot write"):
        save(conversation(turn()), tmp_path / "a\0b.md")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("The U.K. is well-known: £1.5m (2014) – 50% more!", None),
        ("A & E, snake_case, C# and a | b", None),
        ("-5 degrees at 1.5 km", None),
        ("1. first", r"1\. first"),
        ("- one", r"\- one"),
        ("# one", r"\# one"),
        ("> one", r"\> one"),
        (
            "*one* _two_ `three` [four](x) ~~five~~",
            r"\*one\* \_two\_ \`three\` \[four](x) \~\~five\~\~",
        ),
        ("<b> &amp; &#60;", r"\<b> \&amp; \&#60;"),
    ],
)
def test_markdown_escapes_what_is_obeyed_and_nothing_else(text: str, written: str | None) -> None:
    assert escaped(text) == (written or text)


# -- styles ----------------------------------------------------------------------------------------

ONLINE = {"url": "https://gardens.example.org/homes", "title": "Gardens and homes"}
CITED: list[dict[str, Any]] = [
    citation(**ONLINE),
    citation(**ONLINE, published=None),
    citation(title="Plots", authors=["Dr Jean-Paul Mary Field"], published="2015-07"),
    citation(title="Plots", authors=["Anna van der Berg", "Bo Field Jr."], published="2015"),
    citation(title="Plots", authors=["The Plot Unit"]),
    citation(title="Plots", authors=[f"Bo Field{n}" for n in "abcd"]),
    citation(title="Plots", authors=[f"Bo Field{n}" for n in "abcdefghijklmnopqrstuvw"]),
    citation(title="Plots", authors=["Plotter"], blog=None),
]


def processed(item: dict[str, Any], style: Path, locale: str) -> str:
    """What a citation processor makes of an item of ours."""
    bibliography = CitationStylesBibliography(
        CitationStylesStyle(str(style), locale=locale, validate=False),
        CiteProcJSON([item]),
        formatter.plain,
    )
    bibliography.register(Citation([CitationItem(item["id"])]))
    (line,) = bibliography.bibliography()
    return str(line)


APA = Path(__file__).parents[1] / "vendor" / "apa.csl"
HARVARD = Path(citeproc.__file__).parent / "data" / "styles" / "harvard-cite-them-right.csl"


@pytest.mark.parametrize(
    ("style", "file", "locale"), [("apa", APA, "en-US"), ("harvard", HARVARD, "en-GB")]
)
def test_a_citation_processor_writes_the_same_from_our_csl_json(
    style: str, file: Path, locale: str
) -> None:
    for cited in CITED:
        (item,) = json.loads(reference(cited, "csl-json", DAY))
        # The processor gives every word of a blog's name a capital; we leave names as they are.
        assert reference(cited, style, DAY).lower() == processed(item, file, locale).lower()


def test_apa_and_harvard_read_as_their_manuals_have_them() -> None:
    assert reference(citation(**ONLINE), "apa", DAY) == (
        "Gärtner, A., & Field, B. (2018, March 1). Gardens and homes. The Garden Blog."
        " https://gardens.example.org/homes"
    )
    assert reference(citation(**ONLINE), "harvard", DAY) == (
        "Gärtner, A. and Field, B. (2018) ‘Gardens and homes’, The Garden Blog, 1 March."
        " Available at: https://gardens.example.org/homes (Accessed: 22 November 2026)."
    )
    bare = citation(title=None, authors=[], blog=None, published=None)
    assert reference(bare, "apa", DAY) == "[Untitled blog post]. (n.d.)."
    assert reference(bare, "harvard", DAY) == "[Untitled blog post] (no date)."
    asked = citation(title="Whose garden?", authors=["A. N. Other"])
    assert "(2018, March 1). Whose garden? The Garden Blog." in reference(asked, "apa", DAY)


def test_ris_has_a_tag_a_line_and_no_text_can_add_one() -> None:
    assert reference(citation(**ONLINE), "ris", DAY).splitlines() == [
        "TY  - BLOG",
        "AU  - Gärtner, Anna",
        "AU  - Field, Bo",
        "TI  - Gardens and homes",
        "T2  - The Garden Blog",
        "PY  - 2018",
        "DA  - 2018/03/01",
        "UR  - https://gardens.example.org/homes",
        "Y2  - 2026/11/22",
        "N1  - Quoted: “Used by 412 people.” (003_page.txt, characters 4,021–4,040)",
        "ER  - ",
    ]
    evil = citation(title="A\nER  - \r\nTY  - BOOK", authors=["B\u2028AU  - C"], published="2015")
    lines = reference(evil, "ris", DAY).split("\n")
    assert [line[:6] for line in lines].count("ER  - ") == 1
    assert not any(c in line for line in lines for c in "\r\u2028")


def _visible(text: str) -> str:
    return "".join(" " if unicodedata.category(c) in ("Cc", "Cs") else c for c in text)


@given(text=ANY_TEXT, style=st.sampled_from(STYLES))
def test_every_style_takes_any_text(text: str, style: str) -> None:
    odd = citation(title=text, quote=text, blog=text, url=text, authors=[text], published=text)
    written = reference(odd, style, DAY)
    assert not any(unicodedata.category(c) in ("Cs", "Cc") for c in written.replace("\n", ""))
    if style == "csl-json":
        (item,) = json.loads(written)
        assert item["type"] == "post-weblog"
        assert item["title"] == " ".join(_visible(text).split()) or not _visible(text).strip()


def test_a_quote_is_copied_with_its_reference_once() -> None:
    for style in STYLES:
        copied = quoted(citation(), style, DAY)
        assert copied.count("Used by 412 people.") == 1, style
    assert quoted(citation(), "apa", DAY).startswith("“Used by 412 people.”\n\nGärtner, A., & ")


def test_a_style_that_there_is_not_is_an_error_that_names_those_there_are() -> None:
    with pytest.raises(UsageError, match=r"no style of reference. Choose one of plain, apa"):
        reference(citation(), "chicago", DAY)


def test_a_conversation_in_markdown_says_what_it_was_limited_to() -> None:
    limits = Limits(filters=Filters(author="Ada *Holm*"), text="posts by Ada *Holm*, newest first")
    assert r"Asked of posts by Ada \*Holm\*, newest first." in as_markdown(
        conversation(turn(limits=limits))
    )
    assert "Asked of" not in as_markdown(conversation(turn()))
