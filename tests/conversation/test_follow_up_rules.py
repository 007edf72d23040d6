"""Follow-ups by the sign that the rules answer to: another thing, cut short, what was shown."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_follow_up import best, said, texts

from askscwru.conversation.follow_up import Change, Exchange, Shown, resolve
from askscwru.conversation.follow_up.phrases import PhraseKind, make_phrase
from askscwru.conversation.follow_up.slots import PhraseClass, agreeing, sort_of
from askscwru.conversation.follow_up.words import without_pleasantry
from fakes import run_python

PAY = said("Does the harvest bonus apply to hired pickers?", "It does.")
YIELD = said("What was the effect of frost on older trees?", "They bore less.")
KEEP = said("How do growers in Norway keep apples?", "In cellars.")
LEAVE = said("Why do orchard workers leave their jobs?", "The pay is low.", "The pay is low")
SHARE = said("What share of pickers are paid by the crate?", "A third are.", "A third")
USE = said("How many growers use glass hives?", "Sixty do.", "Sixty")
CLOSED = said("How many cider mills closed in 2015?", "Forty-two did.", "Forty-two")


def unanswered(question: str) -> Exchange:
    """A question that the posts did not answer."""
    return Exchange(question, question, (), 0.1)


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (PAY, "what about volunteers?", "Does the harvest bonus apply to volunteers?"),
        (YIELD, "what about younger trees?", "What was the effect of frost on younger trees?"),
        (YIELD, "and the causes?", "What were the causes of frost on older trees?"),
        (KEEP, "and in Sweden?", "How do growers in Sweden keep apples?"),
        (KEEP, "what about shops?", "How do shops in Norway keep apples?"),
        (KEEP, "how about the council?", "How does the council in Norway keep apples?"),
        (LEAVE, "what about nurses?", "Why do nurses leave their jobs?"),
        (CLOSED, "and in 2016?", "How many cider mills closed in 2016?"),
        (
            said("How many growers with debts sold land?", "Ten."),
            "what about growers with large families?",
            "How many growers with large families sold land?",
        ),
        (
            said("Who spoke at the fair on grafting in Oslo?", "Ada Holm did.", "Ada Holm"),
            "what about the one in Bergen?",
            "Who spoke at the fair on grafting in Bergen?",
        ),
        (
            said("What are the benefits of mulch for growers?", "Fewer weeds."),
            "and the drawbacks?",
            "What are the drawbacks of mulch for growers?",
        ),
        (
            said("Which towns were compared in the study?", "Oslo and Bergen."),
            "what about Tromsø?",
            "Was Tromsø compared in the study?",
        ),
        (
            said("What discount is there?", "Ten per cent."),
            "what about members?",
            "What discount is there for members?",
        ),
        (
            said("Who edits the Journal of Orchards?", "Ada Holm edits it.", "Ada Holm"),
            "and Apples & Pears?",
            "Who edits Apples & Pears?",
        ),
        (
            said("What does Root & Branch sell?", "Root & Branch sells seeds.", "seeds"),
            "when was it founded?",
            "When was Root & Branch founded?",
        ),
        (
            said("How many growers use mulch?", "Sixty."),
            "what about the cost?",
            "What is the cost of mulch?",
        ),
        (said("Are the hive tools heavy?", "They are."), "and the APIs?", "Are the APIs heavy?"),
        (
            said("What effect has a driver of growth had?", "Fewer apples."),
            "what about nurses?",
            "What effect have nurses had?",
        ),
        (
            said("Which of the large hives are sold?", "Six are.", "Six"),
            "and the small ones?",
            "Which of the small hives are sold?",
        ),
        (
            said("How much does a single room cost?", "£40.", "£40"),
            "what about a double one?",
            "How much does a double room cost?",
        ),
        (YIELD, "what about younger ones?", "What was the effect of frost on younger trees?"),
        (
            LEAVE,
            "what about newly trained ones?",
            "Why do newly trained orchard workers leave their jobs?",
        ),
        (
            said("Can you see Grey Tower from the harbour?", "You can."),
            "what about Castle Hill?",
            "Can you see Castle Hill from the harbour?",
        ),
    ],
)
def test_another_thing_takes_the_place_that_it_fits(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            said("How old is Ada Holm's mill?", "Ninety."),
            "and Edward's?",
            "How old is Edward's mill?",
        ),
        (
            said("What share of the council's posts mention bees?", "Half."),
            "what about the church’s?",
            "What share of the church’s posts mention bees?",
        ),
        (
            said("How many hives does the school have?", "Six."),
            "and the church's?",
            "How many hives does the church have?",
        ),
    ],
)
def test_what_somebody_else_has_is_asked_of_the_same_thing(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            said("Who runs the U.S. Orchard Survey?", "A board runs it."),
            "how long has it been working?",
            "How long has the U.S. Orchard Survey been working?",
        ),
        (
            said("What does St. Mark's Orchard sell?", "It sells cider."),
            "when was it planted?",
            "When was St. Mark's Orchard planted?",
        ),
        (
            said("When was the fair held?", "It was in May."),
            "how do people go there?",
            "How do people go to the fair?",
        ),
        (
            said("Who opened the fair?", "Ada Holm did.", "Ada Holm"),
            "where does that person live?",
            "Where does Ada Holm live?",
        ),
        (
            said("How many models does the maker sell?", "Six."),
            "which one is the cheapest?",
            "Which model is the cheapest?",
        ),
    ],
)
def test_a_name_is_put_in_whole_and_agrees_with_what_stands_around_it(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (LEAVE, "is that true of nurses?", "Why do nurses leave their jobs?"),
        (PAY, "does the same apply to volunteers?", "Does the harvest bonus apply to volunteers?"),
        (KEEP, "is it the same in Sweden?", "How do growers in Sweden keep apples?"),
        (SHARE, "is that still so?", "What share of pickers are paid by the crate now?"),
        (
            unanswered("Do wasps sleep in winter?"),
            "is this also true of bees?",
            "Do bees sleep in winter?",
        ),
    ],
)
def test_whether_the_same_is_so_of_another_thing_is_asked_of_that(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


def test_whether_a_rule_applies_is_asked_of_the_rule() -> None:
    before = said("What is the harvest bonus?", "A sum paid in October.")
    assert best("does it apply to pickers?", before).question == (
        "Does the harvest bonus apply to pickers?"
    )


def test_what_goes_by_an_unknown_name_is_no_surer_than_the_name_was_found() -> None:
    before = unanswered("Which body wrote the guides on mulch?")
    assert best("what did it find?", before).most == before.confidence
    known = said("Which body wrote the guides on mulch?", "The Growers' Union did.")
    assert best("what did it find?", known).most == 1.0


def test_a_question_that_was_not_answered_is_not_asked_of_its_topic_alone() -> None:
    found = texts("which ones?", unanswered("How many growers use glass hives?"))
    assert found == ["Which growers use glass hives?"]


def test_a_place_is_not_taken_by_what_does_not_fit_it() -> None:
    assert texts("what about the weather?", PAY)[0] == "What is the weather of the harvest bonus?"
    assert "What is said about sunlight?" in texts("what about sunlight?", CLOSED)
    assert not any("in sunlight" in text for text in texts("what about sunlight?", KEEP))


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (PAY, "why not?", "Why does the harvest bonus not apply to hired pickers?"),
        (
            said("Who should pay for water?", "The state.", "The state"),
            "why not farmers?",
            "Why should farmers not pay for water?",
        ),
        (LEAVE, "how many?", "How many orchard workers leave their jobs?"),
        (LEAVE, "why nurses in particular?", "Why do nurses leave their jobs?"),
        (CLOSED, "which ones?", "Which cider mills closed in 2015?"),
        (CLOSED, "how many opened?", "How many cider mills opened?"),
        (CLOSED, "why so many?", "Why so many cider mills closed in 2015?"),
        (
            said("Where was the fair held?", "In Oslo.", "Oslo"),
            "who by?",
            "By whom was the fair held?",
        ),
        (
            said("Who spoke at the fair in Oslo?", "Ada Holm.", "Ada Holm"),
            "when was that?",
            "When was the fair in Oslo?",
        ),
        (
            said("How many fewer people buy cider now?", "A quarter.", "A quarter"),
            "why?",
            "Why do fewer people buy cider now?",
        ),
        (
            said("What did the growers warn of?", "They warned of blight.", "blight"),
            "when?",
            "When did the growers warn of blight?",
        ),
        (LEAVE, "why do they?", "Why do orchard workers leave their jobs?"),
        (
            said("Which growers depend on rain?", "Those in the hills.", "Those in the hills"),
            "why do they?",
            "Why do the growers depend on rain?",
        ),
        (
            said("Who opened the mill in Sall?", "Ada Holm did.", "Ada Holm"),
            "when was that?",
            "When was the mill opened in Sall?",
        ),
        (
            said("Who painted the doors of the mill?", "Ada Holm did.", "Ada Holm"),
            "when?",
            "When were the doors of the mill painted?",
        ),
        (SHARE, "which ones?", "Which pickers are paid by the crate?"),
        (SHARE, "why?", "Why are the pickers paid by the crate?"),
        (SHARE, "how many of them?", "How many pickers are paid by the crate?"),
        (USE, "when?", "When do growers use glass hives?"),
        (USE, "who?", "Which growers use glass hives?"),
        (LEAVE, "which ones?", "Which orchard workers leave their jobs?"),
        (
            said("Where are the apples stored in winter?", "In cellars.", "In cellars"),
            "how many of them?",
            "How many apples are stored in winter?",
        ),
        (
            said("Was the press moved to Sall?", "It was."),
            "who?",
            "By whom was the press moved to Sall?",
        ),
        (
            unanswered("Which towns have cut their grants?"),
            "how many?",
            "How many towns have cut their grants?",
        ),
        (
            unanswered("Who paid for the survey of growers?"),
            "when?",
            "When was the survey of growers paid for?",
        ),
        (unanswered("Who built the mill?"), "and why?", "Why was the mill built?"),
    ],
)
def test_what_is_cut_short_is_asked_in_full(before: Exchange, question: str, expected: str) -> None:
    assert best(question, before).question == expected


def test_what_else_is_more_of_the_post_and_leaves_out_what_was_shown() -> None:
    reading = best("what else?", LEAVE)
    assert reading.change is Change.REFERENCE
    assert reading.leave_out == ("The pay is low.",)


POSTS = said("Which posts did Ada Holm write?", "Keeping bees in towns")


def test_the_longest_is_looked_for_among_the_posts_that_were_asked_for() -> None:
    assert best("which is the longest?", POSTS).question == "Which is the longest post by Ada Holm?"
    assert best("and which one is the shortest", POSTS).question == (
        "Which is the shortest post by Ada Holm?"
    )
    assert all("post" not in text for text in texts("which is the longest?", KEEP))


def test_what_a_post_is_about_is_asked_of_the_post_after_a_question_about_posts() -> None:
    assert best("what is it about?", POSTS).question == "What is “Keeping bees in towns” about?"


def test_two_authors_are_meant_by_they() -> None:
    both = said("What is mulch?", "Straw on soil.", authors=("Ada Holm", "Bo Lind"))
    assert texts("what have they written?", both) == [
        "Which posts did Ada Holm write?",
        "Which posts did Bo Lind write?",
    ]


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            said("What discount do members get?", "A 20% discount.", "20% discount"),
            "where is it shown?",
            "20%",
        ),
        (said("Who says so?", "People do.", "People"), "where do they work?", "People"),
        (
            said("What do hedges do?", "They improve soil.", "improve soil"),
            "are they common?",
            "improve",
        ),
        (
            said("What does Ada Holm teach?", "She covers Hive Building Skills."),
            "where does she live?",
            "Skills",
        ),
        (said("What is Ada Holm’s post?", "The director.", "director"), "is she old?", "director"),
    ],
)
def test_a_highlight_that_is_no_thing_is_not_what_is_meant(
    before: Exchange, question: str, expected: str
) -> None:
    assert expected not in best(question, before).question


def test_what_an_unsure_answer_marked_counts_less() -> None:
    sure = said("Where is the market?", "It is near the Old Mill.", "the Old Mill")
    unsure = replace(sure, confidence=0.1)

    def prior(before: Exchange) -> float:
        found = resolve("how old is it?", (before,))
        return next(r.prior for r in found if "Old Mill" in r.question)

    assert prior(unsure) < prior(sure)


def test_the_thing_is_meant_rather_than_its_role() -> None:
    before = said("What is the role of the Meadow Trust?", "It lends land.")
    assert texts("who runs it?", before)[:2] == [
        "Who runs the Meadow Trust?",
        "Who runs the role of the Meadow Trust?",
    ]


def test_who_says_so_asks_for_what_was_said() -> None:
    before = said("Does frost harm apples?", "It does.")
    assert best("who says so?", before).question == "Who says that [frost harm apples]?"


@pytest.mark.parametrize("question", ["why?", "why is that?", "and why is it so?", "how come?"])
def test_why_is_no_surer_than_the_answer_that_it_takes_for_granted(question: str) -> None:
    unsure = replace(YIELD, confidence=0.6)
    assert all(reading.most == 0.6 for reading in resolve(question, (unsure,)))


def test_why_is_no_surer_than_what_the_posts_did_not_say() -> None:
    before = replace(unanswered("What do growers think of netting?"), confidence=0.2)
    assert all(reading.most == 0.2 for reading in resolve("why?", (before,)))


def test_a_question_that_says_what_it_asks_the_reason_of_takes_nothing_for_granted() -> None:
    unsure = replace(YIELD, confidence=0.6)
    assert all(reading.most == 1 for reading in resolve("why do growers prune?", (unsure,)))


def test_what_there_is_one_of_needs_no_earlier_turn() -> None:
    question = "Who looks after people more, their friends or the government?"
    assert resolve(question, (LEAVE,))[0].question == question


def test_the_verb_agrees_with_what_stands_for_they() -> None:
    before = said("Who runs the seed library?", "The Meadow Trust does.", "The Meadow Trust")
    assert "What has the Meadow Trust planted?" in texts("what have they planted?", before)
    assert agreeing("Were", plural=False) == "Was"
    assert agreeing("should", plural=False) == "should"


def test_names_that_end_like_institutions_are_no_persons() -> None:
    assert make_phrase("Daily Living Skills").kind is not PhraseKind.PERSON
    assert make_phrase("Ada Holm").kind is PhraseKind.PERSON
    assert sort_of(make_phrase("the RSPB")) is PhraseClass.PEOPLE
    assert sort_of(make_phrase("closer")) is PhraseClass.THING


def test_the_rules_are_loaded_only_for_a_question_with_turns_before_it() -> None:
    code = (
        "import sys, askscwru.assistant; from askscwru.conversation.follow_up import *;"
        "assert not resolve('why?', ())[0].added;"
        "print([m for m in sys.modules if m.startswith('askscwru.conversation.follow_up.')]);"
        "resolve('why?', (Exchange('Do bees sleep?', 'Do bees sleep?'),));"
        "print('askscwru.conversation.follow_up.rules' in sys.modules)"
    )
    before, after = run_python(code).stdout.splitlines()
    assert "rules" not in before
    assert "context" not in before
    assert after == "True"


def test_a_person_is_not_taken_for_one_of_what_is_asked_for() -> None:
    before = said("How often does Ada Holm go to the rugby?", "She goes weekly.", "weekly")
    assert "Which team is Ada Holm?" not in texts("which team?", before)
    assert "Which teacher is Ada Holm?" in texts("which teacher?", before)


def test_the_second_is_of_what_the_last_question_asked_after() -> None:
    before = said("What concerns do growers raise about frost?", "Cost and labour.")
    expected = "What concerns do growers raise about frost [the second]?"
    assert best("what is the second one?", before).question == expected


def test_who_is_named_in_a_question_is_not_its_pronoun_too() -> None:
    before = said("Who is the wife of Bo Lind?", "Ada Holm is.", "Ada Holm")
    assert best("when was he married to Ada Holm?", before).question == (
        "When was Bo Lind married to Ada Holm?"
    )


def test_they_who_have_something_done_to_them_are_what_was_spoken_of() -> None:
    asked = said("Which council collects bottles?", "Sall Council does.", "Sall Council")
    before = said("Can the public copy the recipes?", "They can.")
    assert best("where are they kept?", asked, before).question == "Where are the recipes kept?"


def test_who_did_it_is_they_rather_than_what_it_was_done_to() -> None:
    before = said("Who scanned the ledgers?", "Interns from Sall scanned 90.", "Interns from Sall")
    assert best("how many did they scan?", before).question == (
        "How many ledgers did Interns from Sall scan?"
    )


def test_a_question_that_says_who_does_what_is_tried_as_it_is_first() -> None:
    question = "Can the public copy the recipes?"
    assert best(question, CLOSED).question == question


def test_a_date_does_not_tell_which_thing_is_meant() -> None:
    before = said("What report on bees did Ada Holm publish on 27 July?", "A long one.")
    assert all("[27 July]" not in text for text in texts("what does it say?", before))


LISTED = Exchange(
    "Which posts did Ada Holm write?",
    "Which posts did Ada Holm write?",
    tuple(Shown(title, ("Ada Holm",), "Text.", "", title) for title in ("Bees", "Hives", "Wax")),
)


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("the second one", "What is “Hives” about?"),
        ("and the last one?", "What is “Wax” about?"),
        ("what does the third one say about candles?", "What does “Wax” say about candles?"),
        ("how long is the first one?", "How long is “Bees”?"),
    ],
)
def test_one_of_a_list_of_posts_is_counted_out(question: str, expected: str) -> None:
    assert best(question, LISTED).question == expected


def test_one_is_counted_out_of_the_last_turn_that_showed_so_many() -> None:
    assert best("how long is the third one?", LISTED, LEAVE).question == "How long is “Wax”?"


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (CLOSED, "how many in 2016?", "How many cider mills closed in 2016?"),
        (
            said("What did the survey ask growers about?", "About frost.", "frost"),
            "and about wages?",
            "What did the survey ask growers about wages?",
        ),
        (
            said("Which agency lent the app?", "The Park Service did.", "The Park Service"),
            "why did they lend it?",
            "Why did the Park Service lend the app?",
        ),
        (
            said("What are the three rules of plain writing?", "Be brief, be clear, be kind."),
            "what is the first one?",
            "What are the three rules of plain writing [the first]?",
        ),
        (
            said("Does the tower have a clock?", "The tower has a clock.", "a clock"),
            "who mended that?",
            "Who mended a clock?",
        ),
        (
            said("Did the flood ruin any ledgers?", "It ruined forty.", "forty"),
            "what about maps?",
            "Did the flood ruin maps?",
        ),
        (
            said("Which towns joined the pilot?", "Lorne joined the pilot.", "Lorne"),
            "and Exeter?",
            "Exeter joined the pilot?",
        ),
        (
            said("Where was the fair held?", "It was held in Exeter.", "Exeter"),
            "how many people live there?",
            "How many people live in Exeter?",
        ),
    ],
)
def test_what_is_left_out_is_taken_from_the_last_question(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


def test_where_a_thing_is_asks_for_its_place_and_not_for_the_source() -> None:
    before = said("Who should attend the summit?", "Growers should.", "Growers")
    reading = best("where is it?", before)
    assert reading.change is not Change.WHERE
    assert "Where is the summit?" in texts("where is it?", before)


def test_more_than_something_is_no_more_of_the_post() -> None:
    before = said("How many growers use mulch?", "Sixty growers do.", "Sixty")
    assert "whole post" not in best("is that more than last year?", before).question
    assert "whole post" not in best("and how much of that is paid?", before).question
    assert "whole post" in best("how much of it is here?", before).question


RUNS = said("Who runs the bereavement group?", "Anita Rowe runs it.", "Anita Rowe")
STAFF = said("How many staff replied to the survey?", "This year 212 did.", "212")
COST = said("How much is the link bus?", "£2.50.", "£2.50")
VISITS = said("What is said about the cat?", "Cats are not allowed.")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (RUNS, "what about the men's group?", "Who runs the men's group?"),
        (
            said("Do I have to book for the bereavement group?", "No."),
            "is that the same for the men's group?",
            "Do I have to book for the men's group?",
        ),
        (
            said("When does the bereavement group meet?", "On Thursdays.", "Thursdays"),
            "who runs the new group?",
            "who runs the new group?",
        ),
        (RUNS, "when does the group meet?", "When does the bereavement group meet?"),
    ],
    ids=["what about", "the same", "another one", "the same one"],
)
def test_a_thing_of_another_sort_is_not_the_one_that_was_spoken_of(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (STAFF, "and in 2020?", "How many staff replied to the survey in 2020?"),
        (STAFF, "and last year?", "How many staff replied to the survey last year?"),
        (STAFF, "what about 2020?", "How many staff replied to the survey in 2020?"),
        (CLOSED, "and the year before?", "How many cider mills closed in 2014?"),
        (CLOSED, "and last month?", "How many cider mills closed last month?"),
        (CLOSED, "what about 2016?", "How many cider mills closed in 2016?"),
        (
            said("How much is an hour on a weekday?", "An hour is £28.", "£28"),
            "and at the weekend?",
            "How much is an hour at the weekend?",
        ),
        (
            said("When is the pool open on Sundays?", "It opens at ten.", "ten"),
            "what about bank holidays?",
            "When is the pool open on bank holidays?",
        ),
        (
            said("Do carers wear masks now?", "Carers wear no masks.", ""),
            "and in 2021?",
            "Do carers wear masks in 2021?",
        ),
        (
            said("What does recommendation 1 say?", "1. Offer an assessment.", ""),
            "and number 3?",
            "What does recommendation 3 say?",
        ),
        (
            said("How many staff replied last year?", "Ninety did.", "Ninety"),
            "and in 2016?",
            "How many staff replied in 2016?",
        ),
        (
            said("When is the 2024 conference?", "On 19 September.", "19 September"),
            "where was it in 2023?",
            "Where was the conference in 2023?",
        ),
        (
            said("How many grants were paid in 2021?", "In 2021 we paid 1,940 grants.", "1,940"),
            "how many of those went to pensioners?",
            "How many of the grants in 2021 went to pensioners?",
        ),
    ],
)
def test_another_time_takes_the_place_of_the_one_before(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            said("Is there a course for foster carers?", "A three-day course.", "course"),
            "how long is it?",
            "course",
        ),
        (said("Do they have a dog?", "They have one."), "what is it called?", "dog"),
        (
            said("Who runs the tea garden?", "Ada Holm.", "Ada Holm"),
            "what's it called?",
            "tea garden",
        ),
    ],
)
def test_what_was_asked_after_has_a_length_and_a_name(
    before: Exchange, question: str, expected: str
) -> None:
    reading = best(question, before)
    assert expected in reading.question
    assert "“" not in reading.question


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            said("Are under-fives free on the link bus?", "They are."),
            "no, I meant on the coach",
            "Are under-fives free on the coach?",
        ),
        (
            said("Are under fives free on the link bus?", "They are."),
            "no, I meant for the coach",
            "Are under fives free on the link bus for the coach?",
        ),
        (KEEP, "no, I mean in Sweden", "How do growers in Sweden keep apples?"),
        (VISITS, "and Leeds?", "What is said about Leeds?"),
        (VISITS, "what about the dog?", "What is said about the dog?"),
        (VISITS, "why not?", "Why not [the cat]?"),
        (COST, "and dial a ride?", "How much is dial a ride?"),
        (
            said("How old was he when they began?", "He was 41.", "41"),
            "and her?",
            "How old was she when they began?",
        ),
        (
            said("Were foster carers in this survey?", "They were not."),
            "so who is doing theirs?",
            "Who is doing foster carers’ survey?",
        ),
    ],
)
def test_a_correction_or_another_one_is_asked_in_a_whole_question(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("do you need to book?", "Do you need to book [the men's group]?"),
        ("who do I contact?", "Who do I contact [the men's group]?"),
        ("do we have to pay?", "Do we have to pay [the men's group]?"),
        ("can anyone join?", "Can anyone join [the men's group]?"),
    ],
)
def test_who_asks_what_anybody_does_leaves_out_of_what(question: str, expected: str) -> None:
    before = said("When does the men's group meet?", "On Tuesdays.", "Tuesdays")
    assert best(question, before).question == expected


DRIVES = said(
    "Who runs the warehouse?",
    "The van is driven by Colin Baptiste, and the warehouse is run by Edda Malling.",
)
LEGACY = said(
    "Where did the money come from?", "From a legacy left by Mrs Edith Carrow.", "a legacy"
)
HEBDEN = said("when is hebden open", "On Fridays.")
BORROW = said("How much can I borrow?", "£3,000.", "£3,000")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (HEBDEN, "what about todmorden", "When is todmorden open?"),
        (said("When did you buy it?", "In May."), "how big is it?", "how big is it?"),
        (DRIVES, "what is her phone number?", "What is Edda Malling’s phone number?"),
        (LEGACY, "who was she?", "Who was Mrs Edith Carrow?"),
        (
            said("When is the mill open?", "On Mondays and Thursdays.", "Mondays and Thursdays"),
            "can I pay in cash there?",
            "Can I pay in cash at the mill?",
        ),
    ],
)
def test_names_written_small_and_the_nearest_of_several_are_meant(
    before: Exchange, question: str, expected: str
) -> None:
    found = texts(question, before)
    assert expected in found
    assert "Who was Ada Holm?" not in found


def test_whats_is_what_is() -> None:
    assert not any("said about what" in text for text in texts("whats the interest", BORROW))


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("thanks! and when is the supper?", "when is the supper?"),
        ("thanks. can I get the June minutes?", "can I get the June minutes?"),
        ("ok and how long can guests stay", "how long can guests stay"),
        ("Great, who wrote the report on buses?", "who wrote the report on buses?"),
        ("Right to rent checks: who does them?", "Right to rent checks: who does them?"),
        ("thanks a lot", "thanks a lot"),
    ],
)  # fmt: skip
def test_thanks_before_a_question_are_no_part_of_it(question: str, expected: str) -> None:
    assert without_pleasantry(question) == expected
