"""What a follow-up stands for by grammar: number, kind, place, and what is left out."""

from __future__ import annotations

import pytest
from test_follow_up import best, said

from askscwru.conversation.follow_up import Change, Exchange
from askscwru.conversation.follow_up.phrases import noun_phrases, parse


@pytest.mark.parametrize(
    ("question", "phrase"),
    [
        ("What is dried fruit?", "dried fruit"),
        ("Why did Hollow Farm switch to regenerative grazing?", "regenerative grazing"),
        ("Which phones does the Hedge Map app run on?", "the Hedge Map app"),
        ("What can you do with the Hedge Map app?", "the Hedge Map app"),
        ("Who can help me with pruning the pear tree?", "the pear tree"),
    ],
)
def test_a_noun_phrase_has_all_its_words(question: str, phrase: str) -> None:
    assert phrase in [found.text for found in noun_phrases(parse(question))]


def test_what_is_done_to_something_is_no_thing_that_is_meant_by_it() -> None:
    before = said("Who can help me with pruning the pear tree?")
    assert best("is it dead?", before).question == "Is the pear tree dead?"


GRANTS = said("How many grants does the Land Trust give?", "It gives five grants.", "five grants")


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (GRANTS, "are these ever refused?", "Are the grants ever refused [the Land Trust]?"),
        (GRANTS, "who gets them?", "Who gets the grants [the Land Trust]?"),
        (
            said("What problems did pickers have with Hedge Map?"),
            "how were these solved?",
            "How were the problems solved [pickers]?",
        ),
        (
            said("How many growers were asked about the price of Bramleys?", "Six.", "Six"),
            "how many trees do they have?",
            "How many trees do the growers have [the price of Bramleys]?",
        ),
        (
            said("What are cordons?", "Cordons are trees on a single stem.", "trees on a stem"),
            "who plants them?",
            "Who plants cordons?",
        ),
        (
            said("Can I draw a nest plan with the map?"),
            "who sees it?",
            "Who sees a nest plan?",
        ),
        (
            said("How old is Elmwood's reading room?"),
            "how many chairs do they have?",
            "How many chairs does Elmwood have?",
        ),
        (
            said("Where do hedgehogs sleep in Elmwood?", "In leaves.", "In leaves"),
            "can one camp there?",
            "Can one camp in Elmwood?",
        ),
    ],
)
def test_an_antecedent_agrees_in_number_and_kind(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


def test_it_stands_for_something_where_to_opens_no_clause() -> None:
    before = said("What is a cordon?")
    assert best("why is it compared to a vine?", before).question == (
        "Why is a cordon compared to a vine?"
    )
    assert best("is it known to fail?", before).question != "Is a cordon known to fail?"


def test_a_month_is_no_part_of_a_name() -> None:
    before = said("How many visitors came to Hollow.farm in June 2010?", "Forty.", "Forty")
    assert best("and in June 2012?", before).question == (
        "How many visitors came to Hollow.farm in June 2012?"
    )


SEED = said(
    "Who collected seed from every hedge?",
    "The Hedge Trust collected seed from every hedge.",
    "The Hedge Trust",
)
LEND = said("What did Ada Holm lend to schools?", "Ada Holm lent them glass hives.", "glass hives")
WISH = said(
    "What does the council want growers to do?",
    "The council wants growers to leave dead wood in the orchard.",
    "leave dead wood in the orchard",
)


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (
            said("How many hives does the school have on its roof?", "Nine.", "Nine"),
            "since when?",
            "Since when does the school have hives on its roof?",
        ),
        (LEND, "why?", "Why did Ada Holm lend glass hives to schools?"),
        (LEND, "why not books?", "Why did Ada Holm not lend books to schools?"),
        (LEND, "which ones?", "Which glass hives did Ada Holm lend to schools?"),
        (WISH, "why?", "Why does the council want growers to leave dead wood in the orchard?"),
        (
            SEED,
            "in which years?",
            "In which years did The Hedge Trust collect seed from every hedge?",
        ),
        (
            said("Which train stops at Sall?", "The Hedge Line does.", "The Hedge Line"),
            "and which one stops at Cawston?",
            "Which train stops at Cawston?",
        ),
        (
            said("How long do the apples keep now?", "A month.", "A month"),
            "and before?",
            "How long do the apples keep before?",
        ),
        (
            said("What are the drawbacks of glass hives?", "They are dear.", "dear"),
            "and their strengths?",
            "What are the strengths of glass hives?",
        ),
    ],
)
def test_what_a_short_question_leaves_out_is_put_back(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        ("Do bees sleep in winter?", "do wasps?", "Do wasps sleep in winter?"),
        (
            "Are pickers paid by the crate?",
            "why aren't they?",
            "Why aren't pickers paid by the crate?",
        ),
        (
            "Are pickers paid by the crate?",
            "should they be?",
            "Should pickers be paid by the crate?",
        ),
        ("Can growers sell cider?", "why can they not?", "Why can growers not sell cider?"),
        ("Does the mill grind spelt?", "did it?", "Did the mill grind spelt?"),
    ],
)
def test_a_question_without_a_verb_has_that_of_the_last_one(
    before: str, question: str, expected: str
) -> None:
    assert best(question, said(before)).question == expected


def test_one_of_a_list_that_was_answered_with_is_counted_out() -> None:
    answer = "The tour has three stops: the mill, the press and the Cider House."
    tour = said(
        "What are the stops of the tour?", answer, "the mill, the press and the Cider House"
    )
    assert best("how old is the second one?", tour).question == "How old is the press?"
    last = best("what can I see in the last one?", tour)
    assert last.question == "What can I see in the Cider House?"


def test_a_question_of_what_something_is_has_nothing_added() -> None:
    before = said("What are hives?", "Hives are boxes.", "boxes")
    assert best("and what are skeps?", before).question == "and what are skeps?"


def test_surprise_is_a_remark_and_a_question_of_it_is_none() -> None:
    before = said("What does the trust ask for?", "It asks for a count.", "a count")
    assert best("that much?!", before).change is Change.REMARK
    assert best("is that useful?", before).change is not Change.REMARK


KEPT = said(
    "How long were the diaries kept?", "The diaries were kept by carers for a year.", "a year"
)


@pytest.mark.parametrize(
    ("before", "question", "expected"),
    [
        (KEPT, "why did they leave?", "Why did carers leave?"),
        (KEPT, "where are they now?", "Where are the diaries now?"),
        (
            said("Where do bees sleep?", "The beekeepers saw them sleep in flowers.", "in flowers"),
            "when do they leave?",
            "When do bees leave?",
        ),
        (
            said("Who planted the oak for Hive Day?", "The Tree Council did.", "The Tree Council"),
            "what does it want us to plant next?",
            "What does the Tree Council want us to plant next?",
        ),
    ],
)
def test_what_only_persons_do_is_done_by_somebody(
    before: Exchange, question: str, expected: str
) -> None:
    assert best(question, before).question == expected


@pytest.mark.parametrize(
    ("question", "subject", "verb"),
    [
        ("What did the sleep study show?", "the sleep study", "show"),
        ("What did the pilot project cost?", "the pilot project", "cost"),
        ("What did the CARE study look at?", "the CARE study", "look"),
        ("When did the team start work?", "the team", "start"),
        ("Where do children play football?", "children", "play"),
        ("How do workers paint metal parts?", "workers", "paint"),
        ("What do nurses need help with?", "nurses", "need"),
    ],
)
def test_a_noun_that_may_be_a_verb_belongs_to_the_subject_before_the_verb(
    question: str, subject: str, verb: str
) -> None:
    parsed = parse(question)
    assert parsed.slice(*parsed.subject) == subject
    assert parsed.verb is not None
    assert parsed.words[parsed.verb].text == verb


COUNTED = said(
    "Which reasons did the parish give?",
    "First, the ramp is steep. Second, the boat is late. Third, the fare is high.",
)


@pytest.mark.parametrize(
    ("question", "which"),
    [
        ("and the third?", "the third"),
        ("tell me more about the second one", "the second"),
        ("what was the first of those again?", "the first"),
        ("the last one?", "the third"),
    ],
)
def test_one_point_of_an_answer_that_counts_them_is_that_of_the_last_question(
    question: str, which: str
) -> None:
    expected = f"Which reasons did the parish give [{which}]?"
    assert best(question, COUNTED).question == expected
    again = Exchange(question, "Which reasons did the parish give [the first]?", COUNTED.shown[:0])
    assert best(question, COUNTED, again).question == expected


def test_of_a_question_that_only_a_topic_was_known_of_nothing_more_is_claimed() -> None:
    reading = best("what about Ada Holm?", said("When does the ferry leave?", "It leaves at 8.15."))
    assert reading.question.startswith("What is said about Ada Holm")
    assert reading.asks_anything
    assert not best("What is said about the weather?", COUNTED).asks_anything


def test_what_was_added_in_brackets_is_left_out_of_what_is_asked_alone() -> None:
    reading = best("are these ever refused?", GRANTS)
    assert reading.asked_alone(reading.question) == "Are the grants ever refused?"
    typed = best("Who sold the hens [in 2014]?", GRANTS)
    assert typed.asked_alone(typed.question) == ""
