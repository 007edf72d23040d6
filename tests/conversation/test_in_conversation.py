"""Conversations over invented posts, as they are typed: who is meant, and what is no question."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from askscwru.assistant import Assistant
from askscwru.types import Kind
from own_posts import assistant_over, with_author

POSTS = {
    "2016-02-10-net-loft.md": (
        "The net loft opens",
        "Nora Petts",
        "The net loft at Sall opened on 4 February 2016 as a canteen. It serves lunch to 46 "
        "people every Thursday.\n\nThe rent of the net loft is £310 a month. The rent of the "
        "boat shed is £95 a month.",
    ),
    "2017-09-01-night-watch.md": (
        "What the night watch taught us",
        "Tomas Brill",
        "The night watch ran from March to August 2017 with 19 households. Dr. Imre Vass of "
        "St. Olave's Hospital checked the diaries of the night watch.\n\nThree households left "
        "the night watch because they moved away.",
    ),
    "2018-04-20-organ.md": (
        "The organ sings again",
        "Nora Petts",
        "Ulf Dahl and Per Lund mended the organ of Lorne. Ulf Dahl lives in Exeter above a "
        "bakery. Per Lund lives in a boat on the Wend.",
    ),
}


@pytest.fixture(scope="module")
def talker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    posts = {name: with_author(*post) for name, post in POSTS.items()}
    loaded = assistant_over(tmp_path_factory.mktemp("talks"), posts)
    yield loaded
    loaded.close()


def test_who_is_meant_was_spoken_of_and_thanks_ask_nothing(talker: Assistant) -> None:
    who = talker.ask("Who checked the diaries?")
    assert "Imre Vass" in who.text
    known = who.conversation_id
    where = talker.ask("Where does he work?", conversation_id=known)
    assert "Vass" in where.searched_for
    assert "Brill" not in where.searched_for
    why = talker.ask("Why did they leave?", conversation_id=known)
    assert "Vass" not in why.searched_for
    assert "moved away" in why.text
    for remark in ("Thanks!", "yes", "ok"):
        answer = talker.ask(remark, conversation_id=known)
        assert answer.kind is Kind.REPLY
        assert not answer.citations


def test_why_is_answered_no_more_surely_than_what_it_asks_the_reason_of(talker: Assistant) -> None:
    first = talker.ask("Did three households leave the night watch?")
    why = talker.ask("why is that?", conversation_id=first.conversation_id)
    assert "moved away" in why.text
    assert 0 < why.confidence <= first.confidence < 1


def test_what_is_asked_of_nobody_named_is_hardly_believed_and_asked_back(talker: Assistant) -> None:
    named = talker.ask("When did the net loft open?")
    alone = talker.ask("When did it open?")
    assert named.confidence > 0.8
    assert alone.confidence < 0.6
    later = talker.ask("When did it open?", conversation_id=named.conversation_id)
    assert "net loft" in later.searched_for
    asked_back = talker.ask("Does it run on my telephone?")
    assert not asked_back.answered
    assert "“it”" in asked_back.advice[0]


def test_a_correction_asks_the_last_question_of_something_else(talker: Assistant) -> None:
    rent = talker.ask("How much is the rent of the net loft?")
    assert "£310" in rent.text
    other = talker.ask("No, I mean the boat shed.", conversation_id=rent.conversation_id)
    assert other.searched_for == "How much is the rent of the boat shed?"
    assert "£95" in other.text


def test_after_two_men_the_other_one_is_asked_back(talker: Assistant) -> None:
    both = talker.ask("Who mended the organ?")
    assert "Ulf Dahl and Per Lund" in both.text
    one = talker.ask("where does he live?", conversation_id=both.conversation_id)
    asked = {"Where does Ulf Dahl live?", "Where does Per Lund live?"}
    assert {one.searched_for, *one.alternatives} == asked
    other = talker.ask("the first one", conversation_id=both.conversation_id)
    assert other.searched_for == one.alternatives[0]


def test_one_of_a_list_of_posts_is_told_of(talker: Assistant) -> None:
    posts = talker.ask("Which posts did Nora Petts write?")
    assert len(posts.citations) == 2
    second = posts.citations[1].post.title
    told = talker.ask("the second one", conversation_id=posts.conversation_id)
    assert told.searched_for == f"What is “{second}” about?"
    assert {citation.post.title for citation in told.citations} == {second}


def test_who_the_author_is_means_the_post_that_was_shown(talker: Assistant) -> None:
    shown = talker.ask("Who mended the organ?")
    author = talker.ask("who is the author?", conversation_id=shown.conversation_id)
    assert author.searched_for == "Who wrote “The organ sings again”?"
    assert "Nora Petts" in author.text


def test_a_rent_that_was_told_is_not_told_again_of_something_else(talker: Assistant) -> None:
    rent = talker.ask("What is the rent of the net loft?")
    assert "£310" in rent.text
    known = rent.conversation_id
    shed = talker.ask("what about the boat shed?", conversation_id=known)
    assert "£95" in shed.text
    smithy = talker.ask("what about the smithy?", conversation_id=known)
    assert not smithy.answered, (smithy.searched_for, smithy.confidence, smithy.text)


def test_after_a_refusal_the_post_is_one_that_it_named(talker: Assistant) -> None:
    first = talker.ask("Who mended the organ of Lorne?")
    refused = talker.ask(
        "What colour was the boat of the night watch?", conversation_id=first.conversation_id
    )
    assert not refused.answered
    near = [one.post.title for one in refused.nearest]
    assert near[0] != first.citations[0].post.title
    again = {"conversation_id": first.conversation_id}
    assert talker.ask("how long is that post?", **again).searched_for == (
        f"How long is “{near[0]}”?"
    )


def test_the_second_post_that_a_refusal_named_is_counted_out(talker: Assistant) -> None:
    refused = talker.ask("What colour was the boat of the night watch?")
    assert len(refused.nearest) > 1
    second = talker.ask("who wrote the second post?", conversation_id=refused.conversation_id)
    assert refused.nearest[1].post.title in second.searched_for
