"""What a newer post says has changed stands with the answer, and the answer is less sure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from askscwru.assistant import Assistant
from askscwru.types import Filters
from own_posts import assistant_over

POSTS = {
    "2021-04-10-workshop.md": "title: The boat workshop opens\n\n"
    "The boat workshop has opened in the old sail loft. It is open on Mondays and Saturdays, from "
    "10am to 1pm, and costs £2 a visit.\n\n"
    "Ulf Dahl, our workshop leader, shows everybody round.\n\n"
    "Claims for wood have to be in within two months. Every household may have 14 nights of "
    "mooring a year. We take one apprentice each summer.\n",
    "2021-05-02-loft.md": "title: The loft\n\nThe loft is open from Wednesday to Saturday, 10am to "
    "3pm. A key costs 45p a day, with a deposit of £4.\n\nThere are beams to climb.\n\n"
    "There is a ladder for the cat.\n\nThe roof is of slate.\n\n"
    "**Note (August 2023):** the deposit for a key is £5.\n\n"
    "*Update 3 September 2023: we close at 2.30pm on Saturdays.*\n",
    "2021-06-20-swans.md": "title: Swans on the Wend\n\nThe swans on the Wend have five cygnets.\n",
    "2021-07-01-forge.md": "title: The forge\n\nThe forge club meets on the first Friday of the "
    "month, 6pm to 8pm, in the chapel. We are looking for a smith: the anvil class is not meeting "
    "at present.\n\nSharpening a blade costs £3. The forge has 19 hammers.\n\n"
    "We are asking what you think about closing the forge in Wendham.\n",
    "2021-08-01-fires.md": "title: Fires on the slip\n\nFires on the slip are banned "
    "between 1 April and 30 September.\n",
    "2022-03-01-talks.md": "title: Talks in spring\n\n- 4 February: Ann Low on glue\n"
    "- 4 March: Per Lund on tar\n\n**Note:** the March talk has been put off to 11 March.\n",
    "2022-09-19-forge.md": "title: The forge: the decision\n\nThe chapel has a new floor, so from "
    "July the forge club will meet in the barn. Same day, but an hour later: 7pm to 9pm.\n\n"
    "The anvil class restarted in May with Nora Petts in charge.\n\n"
    "Sharpening is now free, but bring a cloth.\n\n"
    "The council voted on 2 September not to close the forge in Wendham.\n",
    "2022-10-10-tar.md": "title: The tar\n\nSince 10 April there is no tar until further notice.\n",
    "2022-12-05-kiln.md": "title: The kiln at Christmas\n\nThe kiln burns for three days.\n\n"
    "*Update 19/12/22: the kiln is closed to visitors until further notice.*\n\n"
    "*Update 27/12/22: the kiln is open to visitors again.*\n",
    "2023-10-05-news.md": "title: News from the boats\n\n"
    "We have dropped Saturdays. The workshop now opens on Mondays and Wednesdays.\n\n"
    "Ulf has hung up his apron and Per Lund has taken over as leader.\n\n"
    "Claims for wood: you have one month instead of two.\n\n"
    "The 14 nights' mooring goes up to 18.\n\nWe no longer take an apprentice.\n",
}


@pytest.fixture(scope="module")
def blog(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    assistant = assistant_over(tmp_path_factory.mktemp("changes"), POSTS)
    yield assistant
    assistant.close()


@pytest.mark.parametrize(
    ("question", "now"),
    [
        ("is the boat workshop open on saturdays", "dropped Saturdays"),
        ("who leads the boat workshop", "Per Lund has taken over"),
        ("how long do i have to claim for wood", "one month instead of two"),
        ("how many nights of mooring do i get", "goes up to 18"),
        ("what time does the forge club meet", "7pm to 9pm"),
        ("is the anvil class running", "restarted in May"),
        ("how much is sharpening a blade", "now free"),
        ("is the forge closing", "voted"),
    ],
)
def test_what_has_become_of_the_answer_comes_first(
    blog: Assistant, question: str, now: str
) -> None:
    answer = blog.ask(question)
    assert now in answer.citations[0].quote.text
    for one in answer.citations:
        source = blog.source_text(one.quote.passage.source)
        assert source[one.quote.start : one.quote.end] == one.quote.text


@pytest.mark.parametrize(
    ("question", "only"),
    [
        ("how many cygnets have the swans", "five cygnets"),
        ("what did a visit to the boat workshop cost at first", "£2 a visit"),
        ("how many hammers has the forge", "19 hammers"),
        ("can i light a fire on the slip in july", "between 1 April and 30 September"),
    ],
)
def test_nothing_is_added_where_nothing_has_changed_or_it_is_asked_how_it_was(
    blog: Assistant, question: str, only: str
) -> None:
    answer = blog.ask(question)
    assert only in answer.citations[0].quote.text
    assert all(one.post.published.startswith("2021") for one in answer.citations)


def test_beside_what_has_changed_nothing_is_sure(blog: Assistant) -> None:
    answer = blog.ask("do you take an apprentice in summer")
    assert any("no longer" in one.quote.text for one in answer.citations)
    assert answer.confidence <= 0.8


@pytest.mark.parametrize(
    ("question", "update"),
    [
        ("when is the loft open", "we close at 2.30pm on Saturdays"),
        ("what does a key to the loft cost", "the deposit for a key is £5"),
        ("when is the talk on tar", "put off to 11 March"),
        ("is the kiln closed to visitors", "open to visitors again"),
    ],
)
def test_a_note_with_its_day_and_an_update_of_a_weekday_stand_with_the_answer(
    blog: Assistant, question: str, update: str
) -> None:
    assert update in blog.ask(question).text


def test_what_may_not_be_quoted_is_not_looked_for(blog: Assistant) -> None:
    answer = blog.ask("who leads the boat workshop", filters=Filters(before="2022-01-01"))
    assert "Ulf Dahl" in answer.citations[0].quote.text
    assert all((one.post.published or "") < "2022" for one in answer.citations)


def test_a_question_on_one_post_is_answered_by_that(blog: Assistant) -> None:
    answer = blog.ask("What does “The boat workshop opens” say about Saturdays?")
    assert {one.post.title for one in answer.citations} == {"The boat workshop opens"}


def test_another_blog_replaces_nothing(blog: Assistant) -> None:
    old, new = (blog.post(one.id) for one in (blog.posts()[0], blog.posts()[-1]))
    old, new = sorted((old, new), key=lambda post: post.published or "")
    assert new.is_newer_than(old)
    assert not old.is_newer_than(new)
    assert not replace(new, blog="Another").is_newer_than(old)
    assert not replace(new, published=None).is_newer_than(old)


def test_asked_again_of_some_posts_the_others_stay_out(blog: Assistant) -> None:
    first = blog.ask("who leads the boat workshop")
    again = blog.ask("only posts from 2021", conversation_id=first.conversation_id)
    assert {one.post.published[:4] for one in again.citations if one.post.published} == {"2021"}
