"""Follow-ups over invented posts: what a question stands for after what was said and shown."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.conversation.follow_up import (
    Change,
    Exchange,
    Reading,
    Shown,
    pronoun_subject,
    resolve,
)
from askscwru.conversation.follow_up.context import Context
from askscwru.conversation.follow_up.phrases import (
    PhraseKind,
    make_phrase,
    names_in,
    noun_phrases,
    parse,
)
from askscwru.conversation.follow_up.readings import LONGEST, MOST_READINGS, with_added


def said(
    question: str,
    quote: str = "",
    highlight: str = "",
    *,
    title: str | None = "Keeping bees in towns",
    authors: tuple[str, ...] = ("Ada Holm",),
) -> Exchange:
    """A turn that was searched for as it was asked; without a quote it was not answered."""
    shown = (Shown(title, authors, quote, highlight),) if quote else ()
    return Exchange(question, question, shown)


BEES = said("What is the Urban Hive Project?", "The Urban Hive Project lends hives to schools.")
FARM = said(
    "Who does Oskar work with?",
    "Oskar runs the farm with Lina and Jonas near the river.",
    "Lina and Jonas",
)
STUDY = said(
    "Which study followed young beekeepers?",
    "The Meadow study followed them for six years.",
    "The Meadow study",
)
MEETING = said(
    "Where was the third Nordic Pollination Conference held?",
    "The third Nordic Pollination Conference was held in Tampere in May.",
    "Tampere",
)


def best(question: str, *before: Exchange) -> Reading:
    return resolve(question, before)[0]


def texts(question: str, *before: Exchange) -> list[str]:
    return [reading.question for reading in resolve(question, before)]


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ([BEES], "How many schools use it?", "How many schools use the Urban Hive Project?"),
        ([BEES], "who pays for it", "Who pays for the Urban Hive Project?"),
        ([BEES], "what are its aims?", "What are the Urban Hive Project’s aims?"),
        ([FARM], "how old is he?", "How old is Oskar?"),
        ([FARM], "and where did Lina meet him?", "Where did Lina meet Oskar?"),
        ([STUDY], "how long did it take?", "How long did the Meadow study take?"),
        ([STUDY], "what did the study find?", "What did the Meadow study find?"),
        (
            [MEETING],
            "who spoke there?",
            "Who spoke at the third Nordic Pollination Conference?",
        ),
        (
            [said("Why are monitoring visits in small towns a problem?", "They cost too much.")],
            "what do they cost?",
            "What do monitoring visits in small towns cost?",
        ),
    ],
)
def test_pronouns_are_replaced(before: list[Exchange], question: str, expected: str) -> None:
    reading = best(question, *before)
    assert reading.question == expected
    assert reading.change is Change.PRONOUN


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ([MEETING], "when?", "When was the third Nordic Pollination Conference held?"),
        ([MEETING], "and when was that?", "When was the third Nordic Pollination Conference held?"),
        (
            [said("Should hives be kept on roofs?", "Roofs are dry and quiet.")],
            "why?",
            "Why should hives be kept on roofs?",
        ),
        (
            [said("How many beekeepers will be needed by 2030?", "Some 4,000 will be.")],
            "and how many were there in 2010?",
            "How many beekeepers were there in 2010?",
        ),
        (
            [said("What is said of hives in spring?", "In spring they grow.")],
            "and in winter?",
            "What is said of hives in winter?",
        ),
    ],
)
def test_questions_cut_short_are_completed(
    before: list[Exchange], question: str, expected: str
) -> None:
    reading = best(question, *before)
    assert reading.question == expected
    assert reading.change is Change.ELLIPSIS


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("who wrote that?", "Who wrote “Keeping bees in towns”?"),
        ("Who is it by?", "Who wrote “Keeping bees in towns”?"),
        ("who's the author?", "Who wrote “Keeping bees in towns”?"),
        ("how long is this post?", "How long is “Keeping bees in towns”?"),
        ("is that the whole post?", "Is “Keeping bees in towns” the whole post?"),
        ("is there more of it?", "Is “Keeping bees in towns” the whole post?"),
        ("which blog is this from?", "Which blog is “Keeping bees in towns” on?"),
        ("what else did the author write?", "Which posts did Ada Holm write?"),
        ("what's this post called?", "What is “Keeping bees in towns” called?"),
        ("What is its title?", "What is “Keeping bees in towns” called?"),
        ("which post is that from?", "What is “Keeping bees in towns” called?"),
        ("where does this quote come from?", "What is “Keeping bees in towns” called?"),
    ],
)
def test_questions_about_the_post_name_it(question: str, expected: str) -> None:
    reading = best(question, BEES)
    assert reading.question == expected
    assert reading.change is Change.REFERENCE


@pytest.mark.parametrize(
    ("last", "question", "expected"),
    [
        ("Who opened the flower market?", "when?", "When was the flower market?"),
        ("How many farms have bees?", "why?", "Why do farms have bees?"),
        ("What do wild bees eat?", "how big are they?", "How big are wild bees?"),
        ("What do wild bees eat?", "tell me more", "What is said about wild bees?"),
        ("What do wild bees eat?", "how come?", "Why do wild bees eat?"),
        ("Should bees be fed?", "and the reason?", "Why should bees be fed?"),
        ("Who funded the hive survey?", "who else?", "Who else funded the hive survey?"),
        ("What do wild bees eat?", "and the cost?", "What is said about the cost [wild bees]?"),
        ("Are hives noisy?", "who says so?", "Who says that [hives noisy]?"),
    ],
)
def test_short_questions_after_a_turn_that_was_not_answered(
    last: str, question: str, expected: str
) -> None:
    assert expected in texts(question, said(last))


def test_a_post_without_a_title_is_named_by_its_subject() -> None:
    before = said("What is the Urban Hive Project?", "It lends hives.", title=None)
    assert texts("who wrote that?", before) == ["Who wrote the post about the Urban Hive Project?"]


def test_the_post_is_the_one_shown_last_although_the_last_turn_showed_none() -> None:
    reading = best("who wrote that?", BEES, said("What does a hive cost?"))
    assert reading.question == "Who wrote “Keeping bees in towns”?"


def test_the_second_one_is_the_second_post_shown() -> None:
    two = Exchange(
        "What helps bees?",
        "What helps bees?",
        (
            Shown("Keeping bees in towns", ("Ada Holm",), "Flowers do.", "Flowers"),
            Shown("Wild meadows", ("Bo Lind",), "Meadows do.", "Meadows"),
        ),
    )
    more = best("tell me more about the second one", two)
    assert "“Wild meadows”" in more.question
    assert set(more.leave_out) == {"Flowers do.", "Meadows do."}
    assert best("who wrote the first one?", two).question == "Who wrote “Keeping bees in towns”?"


def test_more_is_what_the_post_says_beyond_what_was_shown() -> None:
    reading = best("what else does it say?", BEES)
    assert reading.question == "What does “Keeping bees in towns” say about the Urban Hive Project?"
    assert reading.leave_out == ("The Urban Hive Project lends hives to schools.",)


def test_persons_things_and_groups_are_told_apart() -> None:
    before = said("What does Ada Holm say about the hive survey?", "Ada Holm calls it thin.")
    assert best("where does she work?", before).question == "Where does Ada Holm work?"
    assert best("who did it?", before).question == "Who did the hive survey?"
    people = make_phrase("Ada Holm and Bo Lind", frozenset({"Ada Holm", "Bo Lind"}))
    assert (people.kind, people.plural) == (PhraseKind.PERSON, True)
    assert make_phrase("the Meadow Trust").kind is not PhraseKind.PERSON


def test_the_number_of_a_pronoun_chooses_between_phrases() -> None:
    before = said("How do inspectors check the hive register?", "They check the hive register.")
    assert best("who pays them?", before).question == "Who pays inspectors?"
    assert best("who keeps it?", before).question == "Who keeps the hive register?"


def test_what_was_marked_answers_for_the_question_word() -> None:
    before = said("Who runs the seed library?", "The Meadow Trust runs it.", "The Meadow Trust")
    assert "Where is the Meadow Trust based?" in texts("where is it based?", before)


def test_what_about_puts_the_new_subject_in_the_place_of_the_old() -> None:
    before = said("How many hives can a school keep?", "Two hives.")
    assert "How many hives can a museum keep?" in texts("what about a museum?", before)
    clause = best("what about new members, do they pay less?", before)
    assert clause.question == "Do new members pay less?"
    assert clause.change is Change.WHAT_ABOUT


@pytest.mark.parametrize("question", ["and in Leeds?", "what about Leeds?", "in Leeds?"])
def test_what_was_read_already_says_nothing_of_what_is_turned_to(question: str) -> None:
    before = said("How many schools keep hives in Ely?", "In Ely 14 schools keep hives.")
    (reading, *_) = resolve(question, (before,))
    both = "In Ely 14 schools keep hives. There are 9 in Leeds."
    assert reading.passes_over("In Ely 14 schools keep hives.", both)
    assert not reading.passes_over("There are 9 in Leeds.", both)
    assert not reading.passes_over("There are 9.", f"Leeds. {both}")
    assert reading.passes_over("There are 9.", "There are 9. Schools like them.")


@pytest.mark.parametrize("question", ["how much?", "why do they?", "where are they kept?"])
def test_what_was_read_already_may_say_more(question: str) -> None:
    quote = "In Ely 14 schools keep hives."
    (reading, *_) = resolve(question, (said("How many schools keep hives in Ely?", quote),))
    assert not reading.passes_over(quote, quote)


def test_why_of_what_was_not_answered_is_asked_of_nothing_else() -> None:
    readings = resolve("why?", (said("Are schools with hives happier?"),))
    assert [one.question for one in readings] == ["Why are schools with hives happier?"]


def test_why_with_no_more_than_a_topic_asks_for_anything() -> None:
    quote = "Most schools with hives are happier."
    whole, bare = resolve("why?", (said("Are schools with hives happier?", quote),))
    assert not whole.asks_anything
    assert bare.asks_anything


def test_who_can_is_asked_of_the_new_subject() -> None:
    before = said("Who can help schools to keep bees?", "Neighbours can.")
    assert "Can retired beekeepers help schools to keep bees?" in texts(
        "what about retired beekeepers?", before
    )


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        (
            "going back to the conference, who opened it?",
            "Who opened the third Nordic Pollination Conference?",
        ),
        (
            "back to the conference, what did Ada Holm do there?",
            "What did Ada Holm do at the third Nordic Pollination Conference?",
        ),
        ("ok back to Oskar, what was his job?", "What was Oskar’s job?"),
    ],
)
def test_a_return_names_the_earlier_subject(question: str, expected: str) -> None:
    reading = best(question, FARM, MEETING, said("What does a hive cost?", "About £200."))
    assert reading.question == expected
    assert reading.change is Change.RETURN


def test_too_little_to_stand_alone_takes_the_topic_in_brackets() -> None:
    readings = resolve("who gave the keynote?", (MEETING,))
    assert readings[0].question == (
        "Who gave the keynote [the third Nordic Pollination Conference]?"
    )
    assert readings[0].change is Change.TOPIC
    assert readings[1].question == "who gave the keynote?"
    assert set(readings[0].added) == {"third", "nordic", "pollin", "confer"}


STAND_ALONE = (
    "What is a skep?",
    "Who is Ada Holm?",
    "How many hives does the Meadow Trust own?",
    "Why is it hard to find trained beekeepers?",
    "Is it true that bees sleep at night?",
    "What did Oskar do before he became a farmer?",
    "Do keepers get a discount when they buy hives?",
    "What shows that people are keeping more bees?",
    "Who wrote “Wild meadows and their guests”?",
    "What makes it so difficult to move a hive?",
    "What can a school do where swarms are feared?",
    "How long has urban beekeeping been a fashion in northern cities?",
)


@pytest.mark.parametrize("question", STAND_ALONE)
@pytest.mark.parametrize("before", [(BEES,), (FARM, STUDY), (BEES, FARM, STUDY, MEETING)])
def test_what_stands_by_itself_is_left_alone(question: str, before: tuple[Exchange, ...]) -> None:
    assert resolve(question, before) == (Reading(question, Change.NONE, 1.0),)


def test_without_earlier_turns_nothing_is_changed() -> None:
    assert resolve("who wrote that?", ()) == (Reading("who wrote that?", Change.NONE, 1.0),)


def test_only_the_last_turns_matter() -> None:
    far = [said("What is the Urban Hive Project?", "It lends hives.")]
    near = [said(f"What is the {word} survey?", "A survey.") for word in "red blue old new".split()]
    assert resolve("who pays for it?", far * 200 + near * 2) == resolve(
        "who pays for it?", near * 2
    )


def test_an_older_subject_gives_way_to_a_newer_one() -> None:
    assert best("who pays for it?", MEETING, BEES).question == (
        "Who pays for the Urban Hive Project?"
    )


def test_words_added_before_are_a_subject_for_what_follows() -> None:
    before = Exchange("who gave the keynote?", "Who gave the keynote [the Nordic Conference]?", ())
    assert Context.of((before,)).topic == "the Nordic Conference"
    assert any("Nordic Conference" in text for text in texts("when was it?", before))


def test_brackets_in_what_is_added_do_not_nest() -> None:
    assert with_added("Why?", "the [old] hive?") == "Why [the old hive]?"


def test_readings_are_few_ranked_and_different() -> None:
    readings = resolve("what about them?", (BEES, FARM, STUDY, MEETING))
    assert 1 <= len(readings) <= MOST_READINGS
    assert readings[0].prior == 1.0
    assert [r.prior for r in readings] == sorted((r.prior for r in readings), reverse=True)
    assert len({r.question.lower() for r in readings}) == len(readings)


def test_a_question_is_taken_apart() -> None:
    parsed = parse("How many social care providers went bust last year?")
    assert parsed.slice(*parsed.asks) == "How many social care providers"
    parsed = parse("Where were the two recent surveys launched?")
    assert parsed.slice(*parsed.subject) == "the two recent surveys"
    assert parsed.verb is not None
    assert parsed.words[parsed.verb].low == "launched"
    assert noun_phrases(parsed)[0].text == "the two recent surveys"
    assert noun_phrases(parsed)[0].plural


def test_a_capital_that_opens_a_sentence_makes_no_name() -> None:
    assert [name.text for name in names_in("Bees sleep. Oskar met Ada Holm at night.")] == [
        "Ada Holm"
    ]


WORDS = st.sampled_from(
    "it they she that this those the one what who why when where how many much about and is was "
    "did does Oskar Ada Holm hive hives study the second back to going , ? ! ’s [ ] “ ” 7 é 谁 😀 "
    "tell me more in for there".split()
)
ANY_TEXT = st.one_of(st.text(max_size=80), st.lists(WORDS, max_size=14).map(" ".join))
EXCHANGES = st.builds(
    Exchange,
    ANY_TEXT,
    ANY_TEXT,
    st.lists(
        st.builds(
            Shown,
            st.one_of(st.none(), ANY_TEXT),
            st.lists(ANY_TEXT, max_size=2).map(tuple),
            ANY_TEXT,
            ANY_TEXT,
        ),
        max_size=3,
    ).map(tuple),
)


@given(ANY_TEXT, st.lists(EXCHANGES, max_size=4))
def test_any_question_after_anything_has_readings_that_can_be_asked(
    question: str, before: list[Exchange]
) -> None:
    readings = resolve(question, before)
    assert 1 <= len(readings) <= MOST_READINGS
    assert readings == resolve(question, before)
    for reading in readings:
        assert len(reading.question) <= max(LONGEST, len(question))
        assert 0 < reading.prior <= 1
        assert reading.change is Change.NONE or any(c.isalnum() for c in reading.question)


def test_a_very_long_history_phrase_does_not_make_a_question_too_long() -> None:
    before = said("What is " + "the hive " * 240 + "?", "word " * 4000, "word " * 4000)
    for question in ("when?", "who pays for it?", "what about bees?", "x " * 990 + "it?"):
        assert all(len(text) <= LONGEST for text in texts(question, before))


@pytest.mark.parametrize(
    ("question", "pronoun"),
    [
        ("Does it run on my telephone?", "it"),
        ("Where had she lived earlier?", "she"),
        ("What was his tip for others?", "his"),
        ("With whom did they team up?", "they"),
        ("Is that useful?", "that"),
        ("Is it hard to keep bees?", ""),
        ("Why is it not enough to plant clover?", ""),
        ("Does it really matter that hives are old?", ""),
        ("How many years does it usually take to grow a pear tree?", ""),
        ("What did Ada Holm say when she left?", ""),
        ("Why did they leave Norway?", ""),
        ("How do growers store what they pick?", ""),
        ("Is this post the last one?", ""),
        ("Does it run on my telephone [the Hedge Map]?", ""),
        ("What is mulch?", ""),
    ],
)
def test_a_question_without_a_subject_is_told_from_one_that_names_it(
    question: str, pronoun: str
) -> None:
    assert pronoun_subject(question) == pronoun


def test_after_an_abstention_the_posts_it_named_are_in_view_before_older_ones() -> None:
    named = tuple(Shown(title, (), "", "") for title in ("Wax in winter", "Swarms"))
    refused = Exchange("Who sells wax?", "Who sells wax?", confidence=0.2, nearest=named)
    readings = resolve("how long is that post?", (BEES, refused))
    assert [one.question for one in readings] == [
        "How long is “Wax in winter”?",
        "How long is “Swarms”?",
    ]
    assert best("who wrote the second post?", BEES, refused).question == "Who wrote “Swarms”?"
    assert best("how long is that post?", refused, BEES).question == (
        "How long is “Keeping bees in towns”?"
    )
