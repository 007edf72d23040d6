"""Which sentences cannot answer, however well they read."""

from __future__ import annotations

import pytest

from askscwru.answering.fitness import (
    Demands,
    announces,
    another_compound,
    another_date,
    another_of_series,
    counted,
    counts_others,
    form_wanted,
    is_day_of_post,
    is_of_the_post_alone,
    is_yes_no,
    leaves_uncounted,
    names_nobody,
    rows_of_others,
    said_of_others,
    says_nothing,
    says_the_contrary,
)
from askscwru.types import BlockKind


@pytest.mark.parametrize(
    ("question", "answers", "does_not"),
    [
        ("How many hens are there?", "A dozen hens.", "The hens are brown."),
        ("How many hens are there?", "Several came.", "Hens came."),
        ("How many hens are there?", "Nobody came.", "The hall is by the mill."),
        ("How many hens are there?", "In 2014 it had 9.", "It opened on 4 February 2016 at 9.30."),
        ("How many members came?", "14 junior members came.", "They came on 4 June."),
        ("How many shops closed?", "30 separate shops closed.", "They closed in Sept. 2014."),
        ("How old is Mrs Hale?", "She is 81.", "She is old."),
        ("What is the number of hens?", "Forty.", "They were counted."),
        ("What is the phone number of the hall?", "Ring 01303 260 411.", "It has 73 seats."),
        ("What is her email address?", "Write to ann@hale.example.", "Write to her at the mill."),
        ("What is the web address?", "See www.hale.example.", "See the board of 2014."),
        ("In which year did it open?", "It opened in 1921.", "It opened with 40 seats."),
        ("What time does it begin?", "It begins at noon.", "It begins with a song."),
        ("How much does a bag cost?", "A bag costs £3.", "A bag costs more than before."),
        (
            "How long did she live there?",
            "She lived there for three years.",
            "She is 66 years old.",
        ),
        ("What percentage of members voted?", "61 per cent did.", "Members voted by post."),
    ],
)
def test_what_alone_can_answer_a_form_of_question_is_known(
    question: str, answers: str, does_not: str
) -> None:
    form = form_wanted(question)
    assert form is not None
    assert form.stands_in(answers)
    assert not form.stands_in(does_not)


@pytest.mark.parametrize(
    ("question", "text", "contrary"),
    [
        ("Who may lift the gas bottles?", "Volunteers must not lift the gas bottles.", True),
        ("Who may lift the gas bottles?", "Only Mr Oduya may do so.", False),
        ("Who may not lift the gas bottles?", "Volunteers must not lift them.", False),
        ("May volunteers lift the gas bottles?", "Volunteers must not lift them.", False),
        ("When can visitors climb up?", "Visitors cannot climb up without a guide.", False),
        ("Which members are allowed to vote?", "Junior members are not allowed to vote.", True),
        ("Who has to pay?", "Members need not pay.", True),
        ("Who has to pay?", "Guests have to pay.", False),
        ("What do members pay?", "Members must not pay in cash.", False),
        ("What may a grant not be used for?", "A grant may be used for:", True),
        ("What may a grant not be used for?", "It may not be used for debts.", False),
        ("What may not be sold?", "Jam may be sold.", True),
        ("What may not be sold?", "Jam is forbidden and may be seized.", False),
        ("What does not grow here?", "Beans may be sown.", False),
        ("Who cannot vote?", "Residents can vote.", True),
        ("What do you recommend?", "We do not recommend vouchers.", True),
        ("What does the council pay for?", "It doesn’t pay for travel.", True),
        ("What does the council pay for?", "It does not pay for travel, but for rent.", False),
        ("When did play resume?", "It did not resume until 1919.", False),
        ("Why does the council refuse?", "It does not refuse.", False),
    ],
)
def test_a_ban_does_not_answer_who_may(question: str, text: str, contrary: bool) -> None:
    assert says_the_contrary(question, text) is contrary


@pytest.mark.parametrize(
    ("question", "text", "nothing"),
    [
        ("Is the hall warm?", "Is the hall warm, or will it ever be?", True),
        ("Is the hall warm?", "The hall is warm.", False),
        ("What question does she ask?", "Is the hall warm?", False),
        ("When is it warm?", "If the stove is lit (as it is in May),", True),
        ("Who called the mill the heart of Sall?", "The mill was called the heart of Sall.", True),
        ("Who called the mill the heart of Sall?", "Ada called it the heart of Sall.", False),
        ("And when did the mill close?", "The mill closed.", True),
        ("When did the mill close?", "The mill closed in 1921.", False),
        ("Why did the mill close?", "The mill closed for want of corn.", False),
        ("Did the mill close?", "The mill closed.", False),
        ("What closed?", "It is the mill.", False),
        ("Who is it?", "It is.", False),
    ],
)
def test_a_question_or_half_a_sentence_answers_nothing(
    question: str, text: str, nothing: bool
) -> None:
    assert says_nothing(question, text) is nothing


@pytest.mark.parametrize(
    "question", ["How do hens sleep?", "Who has many hens?", "How much do the hens matter?"]
)
def test_other_questions_ask_for_no_form(question: str) -> None:
    assert form_wanted(question) is None


@pytest.mark.parametrize(
    ("question", "term"),
    [
        ("How many volunteers does the kitchen have?", "volunt"),
        ("How many of the new volunteers were there?", "volunt"),
        ("How many shared house tenants are there?", "tenant"),
        ("How many people came?", None),
        ("How many came to the supper?", None),
        ("How are the volunteers?", None),
    ],
)
def test_what_is_to_be_counted_is_the_last_noun_before_the_verb(
    question: str, term: str | None
) -> None:
    assert counted(question) == term


@pytest.mark.parametrize(
    ("text", "others"),
    [
        ("It serves lunch to 46 people every Thursday.", True),
        ("In all 12 new tenants moved in.", True),
        ("Last year 14 came.", False),
        ("It rose by 12 per cent.", False),
        ("It opened in 2016.", False),
    ],
)
def test_a_sentence_that_counts_something_named_is_known(text: str, others: bool) -> None:
    assert counts_others(text) is others


@pytest.mark.parametrize(
    ("question", "text", "context", "other"),
    [
        ("How many hens were there in 2017?", "In 2014 there were 9 hens.", "Hens", True),
        ("How many hens were there in 2017?", "There were 9 hens.", "Hens", False),
        ("How many hens were there in 2017?", "Up from 9 in 2014.", "Hens in 2017", False),
        ("Where was the fair in 2023?", "The 2024 fair will be in Ely.", "The fair of 2023", True),
        ("Where was the fair in 2023?", "The 2024 rules hold.", "The fair of 2023", False),
        ("When is the Monday walk?", "The walk on Sundays starts at ten.", "Walks", True),
        ("When is the Monday walk?", "On Mondays and Sundays at ten.", "Walks", False),
        ("When is the walk?", "On Sundays at ten.", "Walks", False),
    ],
)
def test_a_sentence_on_another_date_is_known(
    question: str, text: str, context: str, other: bool
) -> None:
    assert another_date(question, text, context) is other


@pytest.mark.parametrize(
    ("question", "text", "context", "other"),
    [
        (
            "Where was the first summit held?",
            "The second annual summit was held in Leeds.",
            "",
            True,
        ),
        ("Where was the 1st summit held?", "The 2nd summit was held in Leeds.", "", True),
        ("How much was the second-place prize?", "The first-place prize was £30.", "", True),
        ("How many unpaid carers are there?", "There are 40 paid carers in Ely.", "", True),
        ("What does the southern branch offer?", "The northern branch offers lunch.", "", True),
        ("Where was the first summit held?", "The first summit was held in Leeds.", "", False),
        (
            "Where was the first summit held?",
            "The 1st was in Leeds, the second in York.",
            "",
            False,
        ),
        (
            "Where was the first summit held?",
            "The second summit told of it.",
            "First summit",
            False,
        ),
        ("Where was the first summit held?", "The second prize went to Leeds.", "", False),
        ("Was it the first summit?", "It was the second summit.", "", False),
        ("How do the first and second summit differ?", "The second summit was longer.", "", False),
        ("Who wrote in the 21st century?", "Ann wrote in the twenty-first century.", "", False),
        ("What began on the 3rd of May?", "From the 1st of May to the 9th it rained.", "", False),
    ],
)
def test_a_sentence_on_another_of_a_series_is_known(
    question: str, text: str, context: str, other: bool
) -> None:
    assert another_of_series(question, text, context) is other


@pytest.mark.parametrize(
    ("question", "text", "uncounted"),
    [
        ("How many nurses were there?", "A group of nurses came from two wards.", True),
        ("How many nurses were there?", "Two nurses came from the ward.", False),
        ("How many nurses are there?", "The number of nurses is not known.", False),
        ("How many nurses were there?", "Of the nurses who signed, forty were from Hythe.", False),
        ("How many nurses were there?", "The nurses (12 in all) came by boat.", False),
        ("How many nurses were there?", "There was a pair of old nurses.", False),
        ("How many nurses were there?", "Nurses met at the mill for six years.", True),
        ("How many nurses were there?", "Forty people came.", False),
        ("How many nurses were there?", "Of the nurses, none came back.", False),
        ("How many hens are there?", "Hens may be kept, but no geese.", True),
        ("How many flats are there?", "Flat 9 - one bed, ready now.", True),
        ("How many flats are there?", "Flats 12, houses 9.", False),
        ("How many flats are there?", "Flats: 12, houses: 9.", False),
    ],
)
def test_who_is_named_and_not_counted_is_not_how_many_there_are(
    question: str, text: str, uncounted: bool
) -> None:
    term = counted(question)
    assert term is not None
    assert leaves_uncounted(term, text) is uncounted


@pytest.mark.parametrize(
    ("text", "only"),
    [
        ("The abstracts for our papers are:", True),
        ("The members include:", True),
        ("The rules are as follows: ", True),
        ("Ann joined in 2015 and said:", False),
        ("The papers are long.", False),
        ("The rule is: ask first.", False),
    ],
)
def test_a_sentence_that_only_says_that_something_follows_is_known(text: str, only: bool) -> None:
    assert announces(text) is only


@pytest.mark.parametrize(
    ("question", "lead", "point", "reasons"),
    [
        ("What may a grant not be used for?", "A grant may be used for:", "a course", 1),
        ("What may a grant be used for?", "A grant may be used for:", "a course", 0),
        ("What may a grant be used for?", "A grant may not be used for:", "debts", 1),
        ("What may a grant not be used for?", "The rules:", "It may be spent.", 1),
        ("Are dogs allowed on Mondays?", "", "The Friday group walks. Dogs are not allowed.", 1),
        ("Are dogs allowed on Fridays?", "", "The Friday group walks. Dogs are not allowed.", 0),
    ],
)
def test_a_point_is_read_behind_what_leads_into_it(
    question: str, lead: str, point: str, reasons: int
) -> None:
    text = point.split(". ")[-1]
    unmet = Demands.of(question).unmet_by(
        text, (lead, point), BlockKind.LIST, "", set(), lambda _: False
    )
    assert unmet == reasons


@pytest.mark.parametrize(
    ("question", "heading", "denied"),
    [
        ("can you lend me money", "What she can't do", True),
        ("can you lend me money", "What she does", False),
        ("what can't she do", "What she can’t do", False),
        ("what is not covered", "Not covered", False),
        ("what is covered", "Not covered", True),
        ("who walks on monday", "What you may not know", False),
        ("who walks on monday", "No booking", False),
        ("who walks on monday", "Not just for carers", False),
    ],
)
def test_a_list_below_a_heading_that_denies_it_does_not_affirm(
    question: str, heading: str, denied: bool
) -> None:
    unmet = Demands.of(question).unmet_by(
        "Lend you money",
        ("", "Lend you money"),
        BlockKind.LIST,
        f"The clinic – Jo Low – {heading}",
        set(),
        lambda _: False,
    )
    assert bool(unmet) is denied


@pytest.mark.parametrize(
    ("text", "nobody"),
    [
        ("Mrs Lund, who is 81, takes it to see her sister.", True),
        ("Her sister is a nurse.", False),
        ("Her sister, a nurse, lives at the mill.", False),
        ("She takes it to see her sister Ada.", False),
    ],
)
def test_whose_sister_somebody_sees_does_not_say_who_she_is(text: str, nobody: bool) -> None:
    assert names_nobody("Who is Mrs Lund's sister?", text) is nobody
    assert names_nobody("And who is Mrs Lund’s sister?", text) is nobody
    assert not names_nobody("Who sees her sister?", text)


def test_the_row_of_a_table_counts_what_it_is_of() -> None:
    row = "Passengers; 2021: 64,000; 2022: 41,500."
    assert not leaves_uncounted("passeng", row)
    assert counts_others(row)
    unmet = Demands.of("How many passengers were there in 2021?").unmet_by
    other = "Drivers; 2021: 19; 2022: 12."
    assert unmet(row, ("", row), BlockKind.BODY, "", {"passeng"}, lambda _: True) == 0
    assert unmet(other, ("", other), BlockKind.BODY, "", {"driver"}, lambda _: True) == 1


@pytest.mark.parametrize(
    ("question", "text", "other"),
    [
        ("How many came in 2025?", "Last year 212 came.", True),
        ("How many came in 2024?", "Last year 212 came.", False),
        ("How many came in 2024?", "This year 212 came, and last year 190.", False),
        ("How many came in 2022?", "In 2023 it was 700, up from 620 the year before.", False),
        ("How many came in 2022?", "Three years ago 90 came.", False),
        ("How many came in 2021?", "Three years ago 90 came.", True),
        ("How many came last year?", "This year 212 came.", True),
        ("How many came last year?", "In 2024 212 came.", False),
        ("How many came this spring?", "Last spring 90 came.", True),
    ],
)
def test_a_year_that_is_not_named_is_told_by_when_the_post_was_written(
    question: str, text: str, other: bool
) -> None:
    assert another_date(question, text, "", 2025) is other


def test_without_a_date_of_the_post_last_year_is_no_year() -> None:
    assert not another_date("How many came in 2025?", "Last year 212 came.", "")


ROWS = [
    "We asked 900.",
    "Age: 18–24; Lonely: 46%.",
    "Age: 25–64; Lonely: 37%.",
    "Age: 65 and over; Lonely: 24%.",
]


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("How lonely are carers over 65?", {1, 2}),
        ("How lonely are those from 18 to 24?", {2, 3}),
        ("How lonely are carers?", set()),
        ("How lonely were carers in 2023?", set()),
        ("How lonely are carers over 90?", {1, 2}),
        ("How lonely are carers of 30?", {1, 3}),
    ],
)
def test_the_row_that_has_the_number_asked_about_is_the_one(
    question: str, others: set[int]
) -> None:
    assert rows_of_others(question, ROWS) == others


def test_another_year_in_a_sentence_is_not_excused_by_what_the_post_is_called() -> None:
    asked = "Where was the fair in 2023?"
    assert another_date(asked, "Last year's fair was in Ely.", "The fair of 2023", 2023)
    assert not another_date(asked, "This year's fair was in Ely.", "The fair of 2023", 2023)
    assert not another_date(asked, "Up from 9 in 2014.", "The fair of 2023", 2023)


@pytest.mark.parametrize(
    ("question", "byline", "alone"),
    [
        ("when will i hear", "By Ann Low, 3 July 2024", True),
        ("What day is the supper?", "Posted on 2 May 2023 by Ann Low", True),
        ("When was it published?", "Posted on 2 May 2023 by Ann Low", False),
        ("When did she become warden?", "Ann Low has been warden since 2004.", False),
        ("Who wrote it?", "By Ann Low, 3 July 2024", False),
    ],
)
def test_a_byline_does_not_say_when_anything_else_is(
    question: str, byline: str, alone: bool
) -> None:
    assert is_of_the_post_alone(question, byline) is alone
    unmet = Demands.of(question).unmet_by(
        byline, ("", byline), BlockKind.BYLINE, "", (), lambda _: False
    )
    assert bool(unmet) is alone


@pytest.mark.parametrize(
    ("question", "text", "another"),
    [
        ("What is the vacancy rate in home care?", "Most of it comes from care homes.", True),
        ("What is the vacancy rate in care homes?", "In home care it is 9%.", True),
        (
            "What is the vacancy rate in home care?",
            "It is 9% in home care, 4% in care homes.",
            False,
        ),
        ("What is the vacancy rate in home care?", "Care staff go home early.", False),
        ("Who runs the boat house?", "The house boat is run by Ann, the boat-house by Ulf.", False),
        ("Who runs the boat house?", "The house boat is run by Ann.", True),
        ("What has rising demand done?", "With demand rising, prices went up.", False),
    ],
)
def test_two_words_the_other_way_round_are_another_thing(
    question: str, text: str, another: bool
) -> None:
    assert another_compound(question, text) is another


@pytest.mark.parametrize(
    ("question", "text", "day"),
    [
        ("when is the choir", "Sunday, January 5, 2025.", True),
        ("what day is the choir", "5 Jan 2025", True),
        ("when is the choir", "Sunday, January 12, 2025.", False),
        ("when is the choir", "The choir met on January 5, 2025.", False),
        ("when was it posted", "January 5, 2025", False),
        ("who leads the choir", "January 5, 2025", False),
    ],
)
def test_the_day_of_a_post_alone_does_not_say_when_anything_is(
    question: str, text: str, day: bool
) -> None:
    assert is_day_of_post(question, text, "2025-01-05") is day
    assert not is_day_of_post(question, text, None)


@pytest.mark.parametrize(
    ("question", "others"),
    [
        ("is the swim free", {0}),
        ("how much is the swim", {0}),
        ("is the choir free", {1}),
        ("is it free", set()),
        ("is the club free", set()),
        ("who leads the swim", set()),
    ],
)
def test_what_is_said_of_another_thing_beside_it_does_not_answer(
    question: str, others: set[int]
) -> None:
    texts = (
        "The choir is free, though we ask for £1.",
        "The sensory swim costs £3.50 a family.",
        "The choir is louder than the swim.",
        "Ann leads it.",
    )
    assert said_of_others(question, texts) == others


@pytest.mark.parametrize(
    ("question", "asks"),
    [
        ("i'm 15 can i volunteer at the café", True),
        ("my daughter is 17 and looks after her nan, can she get the money", True),
        ("Mum went out and didn't come home. Do I have to wait before ringing the police?", True),
        ("my son is 15, which basketball group", False),
        ("my boiler is broken, what do i do", False),
        ("i lost my card what will it cost", False),
        ("how much can i get", False),
        ("what can i do if he is ill", False),
        ("my landlord never protected my deposit", False),
    ],
)
def test_a_yes_or_a_no_may_be_asked_for_behind_what_is_told_first(
    question: str, asks: bool
) -> None:
    assert is_yes_no(question) is asks


RENTS = [
    "Home: Bedsit; Now (a week): £79.10; From April: £81.24.",
    "Home: One bedroom; Now (a week): £92.30; From April: £94.79.",
    "Garages stay at the price of last year.",
]


@pytest.mark.parametrize(
    ("question", "about", "others"),
    [
        ("how much is a garage now", "Rents in April", {0, 1}),
        ("how much is a garage", "Garage rents", set()),
        ("how much is a bedsit", "Rents in April", {1}),
        ("how much is the rent", "Rents in April", set()),
    ],
)
def test_rows_do_not_tell_the_price_of_what_a_sentence_beside_them_does(
    question: str, about: str, others: set[int]
) -> None:
    assert rows_of_others(question, RENTS, about) == others
