"""People's names: what looks like one, whatever the posts are about."""

from __future__ import annotations

import pytest

from askscwru.ingest.text.pages import read_page
from askscwru.names import is_name, split_names


@pytest.mark.parametrize("name", ["Jack London", "Ann Lives", "Dr Bo Care", "Cy Young-Budget"])
def test_no_topic_of_some_blog_is_kept_out_of_names(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "line", ["Bus Company University", "The Late Bus", "Read More", "Next Monday", "Guest Editor"]
)
def test_what_opens_headings_and_names_bodies_is_no_name(line: str) -> None:
    assert not is_name(line)


def test_words_that_a_page_writes_in_lower_case_are_nobodys_name() -> None:
    assert is_name("Garden Sheds")
    assert not is_name("Garden Sheds", {"sheds"})


def test_behind_by_a_name_of_doubtful_words_is_believed() -> None:
    assert split_names("Will May and June Lee", sure=True) == ("Will May", "June Lee")


def test_jack_london_signs_a_post() -> None:
    page = read_page(
        "The late bus\n\nBy Jack London\n\n"
        "The bus came at nine, and nobody was left at the stop to take it home that night.\n"
    )
    assert [post.authors for post in page.posts] == [("Jack London",)]
