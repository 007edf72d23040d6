"""Who asks for no year means now: of two posts that answer the same the newer comes first."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askscwru.assistant import Assistant
from own_posts import assistant_over

POSTS = {
    "2017-03-14-choir.md": "title: Join the estuary choir\n\n"
    "The estuary choir is for anyone who likes to sing. You need not read music.\n\n"
    "- When: the first Tuesday of every month, at 6.30 pm\n"
    "- Where: the Mission Hall, Quay Street\n- Cost: nothing\n",
    "2019-06-02-pool.md": "title: The paddling pool\n\n"
    "The paddling pool is open from May to September. It was built by Ann Low.\n",
    "2020-05-05-boats.md": "title: What the boats cost\n\n"
    "- Rowing boat: £9 an hour\n- Canoe: £7 an hour\n- Pedalo: £11 an hour\n",
    "2021-02-20-berths.md": "title: Waiting for a berth\n\nThere are now 74 people waiting at Sall "
    "Creek and 19 at Mill Quay.\n",
    "2023-03-30-berths.md": "title: Who waits for a berth: an update\n\n"
    "| Place | Berths | People waiting | Likely wait |\n"
    "|---|---|---|---|\n| Sall Creek | 40 | 61 | 6 years |\n| Mill Quay | 32 | 8 | 18 months |\n",
    "2022-01-20-ferry.md": "title: The ferry in winter\n\nThe ferry runs on Mondays.\n",
    "2023-09-02-choir-moved.md": "title: The estuary choir moves\n\n"
    "The Mission Hall has been sold, so from October the estuary choir meets at the library on "
    "Castle Road. It will now be on the second Thursday of the month, at 7 pm.\n\n"
    "The estuary choir sang at the fair in 2018. The song was chosen by Per Lund.\n",
    "2024-02-11-boats.md": "title: Boats: new prices\n\n"
    "| Boat | Until 1 April 2024 | From 1 April 2024 |\n|---|---|---|\n"
    "| Rowing boat (per hour) | £10 | £12 |\n| Canoe (per hour) | £8 | £9.50 |\n"
    "| Pedalo (per hour) | £12 | £14 |\n",
}


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    assistant = assistant_over(tmp_path_factory.mktemp("newer"), POSTS)
    yield assistant
    assistant.close()


@pytest.mark.parametrize(
    ("question", "now"),
    [
        ("when does the estuary choir meet", "second Thursday"),
        ("where does the estuary choir meet", "library on Castle Road"),
        ("what time is the estuary choir", "at 7 pm"),
        ("how much is a rowing boat", "£12"),
        ("how much is a pedalo an hour", "£14"),
        ("what does a canoe cost", "£9.50"),
        ("how many people are waiting at mill quay", "waiting: 8"),
    ],
)
def test_the_answer_begins_with_how_it_is_now(blog: Assistant, question: str, now: str) -> None:
    assert now in blog.ask(question).citations[0].quote.text


@pytest.mark.parametrize(
    ("question", "then"),
    [
        ("where did the estuary choir meet in 2017", "Mission Hall, Quay Street"),
        ("how much was a rowing boat in 2020", "£9"),
    ],
)
def test_how_it_was_is_answered_by_the_older_post(
    blog: Assistant, question: str, then: str
) -> None:
    assert then in blog.ask(question).text


@pytest.mark.parametrize(
    ("question", "own"),
    [
        ("when is the paddling pool open", "from May to September"),
        ("what does the estuary choir cost", "Cost: nothing"),
        ("when does the ferry run", "on Mondays"),
    ],
)
def test_a_newer_post_on_something_else_does_not_come_first(
    blog: Assistant, question: str, own: str
) -> None:
    assert own in blog.ask(question).citations[0].quote.text


@pytest.mark.parametrize(
    "question",
    [
        "what day is the estuary choir",
        "how old is the paddling pool",
        "date of the ferry in winter",
    ],
)
def test_the_day_of_a_thing_is_not_that_of_its_post(blog: Assistant, question: str) -> None:
    assert "was published" not in blog.ask(question).text


def test_the_day_of_a_post_is_still_told(blog: Assistant) -> None:
    told = blog.ask("what is the date of the post “The ferry in winter”?").text
    assert "20 January 2022" in told
