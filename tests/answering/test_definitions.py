"""What a thing is: which questions ask it, which sentences say it, and what comes of it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from askscwru.answering.definitions import Definition, Told
from askscwru.assistant import Assistant
from own_posts import assistant_over


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("What is telecare?", "telecare"),
        ("what is a befriending scheme", "befriending scheme"),
        ("What’s an almoner?", "almoner"),
        ("And what are link workers?", "link workers"),
        ("Who is Odile Brandt?", "Odile Brandt"),
        ("What is the Ferry Trust?", "Ferry Trust"),
        ("What is the Journal of Rural Care?", "Journal of Rural Care"),
        ("Can you tell me what a social navigator is?", "social navigator"),
        ("What exactly is lean thinking?", "lean thinking"),
        ("What does CVS stand for?", "CVS"),
        ("What do they mean by “slow care”?", "slow care"),
        ("What is meant by reablement?", "reablement"),
        ("Define respite", "respite"),
        ("What is telecare exactly?", "telecare"),
        ("What is telecare, in plain English?", "telecare"),
        ("What is the Ferry Trust all about?", "Ferry Trust"),
        ("What is the definition of respite care?", "respite care"),
        ("What is Community Voluntary Service (CVS)?", "Community Voluntary Service"),
    ],
)
def test_a_question_for_what_a_thing_is_names_the_thing(question: str, thing: str) -> None:
    asked = Definition.asked(question)
    assert asked is not None
    assert asked.thing == thing


@pytest.mark.parametrize(
    "question",
    [
        "What is the fare?",
        "What is the rent of a plot?",
        "What is Odile's job?",
        "What is Odile Brandt proposing?",
        "What were the visitors' questions like?",
        "What is a good plot for?",
        "What is new?",
        "What is changing?",
        "What is the Ferry Study about?",
        "What was surprising?",
        "What is it?",
        "What does this mean?",
        "What do you mean by that?",
        "Who is in charge of the ferry?",
        "Who was Chief Officer of Lorne?",
        "Who was interviewed?",
        "What is in the seed library?",
        "How is telecare paid for?",
        "Is telecare a service?",
        "What happened at Lorne?",
        "",
    ],
)
def test_a_question_for_something_else_is_none_for_what_a_thing_is(question: str) -> None:
    assert Definition.asked(question) is None


@given(st.text(max_size=80) | st.text("aA (){}[]‘’“”'\"-.,?:;s\\", max_size=30))
def test_any_question_is_read(question: str) -> None:
    asked = Definition.asked(f"What is {question}?")
    if asked is not None:
        assert asked.thing
        assert isinstance(asked.told_by(question, question, question), Told)


def told(question: str, sentence: str) -> Told:
    asked = Definition.asked(question)
    assert asked is not None
    return asked.told_by(sentence)


TELECARE, SCHEME = "What is telecare?", "What is a befriending scheme?"


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (TELECARE, "Telecare is a set of sensors that call for help."),
        (TELECARE, "In short, telecare means alarms and sensors at home."),
        (TELECARE, "Telecare, or assisted living technology, is the use of sensors at home."),
        (TELECARE, "She wrote about telecare (the use of sensors at home) for a year."),
        (TELECARE, "The council pays for telecare, a set of sensors and alarms."),
        (TELECARE, "Such sensors are called telecare."),
        (TELECARE, "Telecare allows people to live at home for longer."),
        (TELECARE, "Telecare: sensors that call for help."),
        (TELECARE, "In telecare, sensors call a warden."),
        (SCHEME, "Befriending schemes match a volunteer with somebody who is alone."),
        (SCHEME, "A local befriending scheme is one where a volunteer calls every week."),
        ("Who is Odile Brandt?", "The ferry is steered by Captain Odile Brandt, a river pilot."),
        ("Who is Odile Brandt?", "Dr Brandt is head of the river school."),
        ("Who is Odile Brandt?", "Odile Brandt, the first speaker, came late."),
        ("Who is Odile Brandt?", "Odile Brandt, Director of the trust, spoke first."),
        ("What is the Ferry Trust?", "It was taken over by a small charity, the Ferry Trust."),
        ("What does CVS stand for?", "The Community Voluntary Service (CVS) has moved."),
        ("What is CVS?", "The Community Voluntary Service (CVS) is a charity in Lorne."),
    ],
)
def test_a_sentence_that_says_what_a_thing_is_defines_it(question: str, sentence: str) -> None:
    assert told(question, sentence) is Told.DEFINED


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (TELECARE, "Telecare has been around since 1980."),
        (TELECARE, "Telecare is an important issue for councils."),
        (TELECARE, "Since then, telecare was rolled out in every county."),
        ("What is the Ferry Trust?", "We thank the Ferry Trust, founded by two brothers in 1911."),
        ("Who is Colin Bates?", "A second group is run by Colin Bates at the Red Lion."),
        ("Who is Ada Holm?", "The tea garden was set up by Dr Ada Holm."),
        ("What is the Ferry Study?", "The Ferry Study found that people walk less."),
        ("What is the Ferry Trust?", "The Ferry Trust collects two pounds from every passenger."),
        ("What is the Journal of Rural Care?", "She edits the Journal of Rural Care; the journal"
         " began in 2011."),
    ],
)  # fmt: skip
def test_a_sentence_about_a_thing_describes_it(question: str, sentence: str) -> None:
    assert told(question, sentence) is Told.DESCRIBED


@pytest.mark.parametrize(
    ("question", "sentence"),
    [
        (TELECARE, "We interviewed fifty people who were waiting for telecare."),
        (TELECARE, "Telecare equipment is a cost that councils must bear."),
        (TELECARE, "Despite all that is said about telecare, little has changed."),
        (TELECARE, "Current work includes models of telecare: a study of two towns."),
        (TELECARE, "Telecare seems to be liked."),
        (TELECARE, "Sensors call for help."),
        (SCHEME, "She left the befriending scheme in May."),
        ("What is CVS?", "We met at the offices of CVS."),
    ],
)
def test_a_sentence_that_only_uses_the_word_mentions_it(question: str, sentence: str) -> None:
    assert told(question, sentence) is Told.MENTIONED


def test_what_goes_on_from_a_sentence_with_the_word_is_read_as_speaking_of_it() -> None:
    asked = Definition("telecare")
    before = "Some councils have tried telecare."
    assert asked.told_by("It is a set of sensors and alarms.", before) is Told.DEFINED
    assert asked.told_by("It is a set of sensors and alarms.", "They tried a tram.") is (
        Told.MENTIONED
    )
    assert asked.told_by("People liked it.", context="Ten years of telecare") is Told.MENTIONED
    hub = Definition("Harbour Hub")
    assert hub.told_by("People liked it.", context="Ten years of the Harbour Hub") is Told.DESCRIBED


@pytest.mark.parametrize(
    ("text", "long"),
    [
        ("run by the Community Voluntary Service (CVS) in Lorne", "Community Voluntary Service"),
        ("the ‘County and Valley Survey’ (CVS)", "County and Valley Survey"),
        ("a study (CVS) of two towns", None),
        ("the CVS (Community Voluntary Service)", None),
        ("nothing", None),
    ],
)
def test_an_abbreviation_has_the_long_form_that_a_text_gives(text: str, long: str | None) -> None:
    found = Definition("CVS").long_form([text])
    assert (found or "").rstrip("’") == (long or "")
    assert Definition("telecare").long_form([text.replace("CVS", "telecare")]) is None


POSTS = {
    "2015-02-01-mention.md": (
        "Waiting for telecare",
        "We interviewed over fifty people who were waiting for telecare, as well as their families"
        " and neighbours. Many had heard of telecare from a friend, and some had paid for telecare"
        " themselves. There was little awareness of what telecare is for and how it can be used.",
    ),
    "2015-03-01-visit.md": (
        "A morning with the link workers",
        "Link workers were the talk of the meeting. The council has had link workers since 2012,"
        " and it hopes to have more link workers next year. Nobody knew how link workers would be"
        " paid for after that.\n\nMarta came along (a link worker is somebody who goes with"
        " people to their first appointment).",
    ),
    "2015-04-01-survey.md": (
        "Valley matters",
        "The ‘Valley Care Partnership’ (VCP) published its plan in April. The plan of the VCP was"
        " welcomed, though the VCP did not say who would carry it out.",
    ),
    "2016-05-01-partners.md": (
        "Who is who in the valley",
        "The Valley Care Partnership is a group of nine small charities that share a minibus and"
        " a bookkeeper. It meets on Mondays.",
    ),
    "2016-06-01-hub.md": (
        "News from the Harbour Hub",
        "The Harbour Hub opened its doors again in June. Visitors to the Harbour Hub are asked to"
        " ring the bell.",
    ),
}


@pytest.fixture(scope="module")
def valley(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Assistant]:
    """The posts above, with the real models."""
    posts = {name: f"title: {title}\n\n{text}" for name, (title, text) in POSTS.items()}
    loaded = assistant_over(tmp_path_factory.mktemp("valley"), posts)
    yield loaded
    loaded.close()


def test_a_thing_that_is_only_mentioned_is_not_explained(valley: Assistant) -> None:
    answer = valley.ask("What is telecare?")
    assert not answer.answered
    assert answer.nearest  # what the posts have of it can be read all the same


def test_the_sentence_that_says_what_a_thing_is_comes_first(valley: Assistant) -> None:
    for question in ("What is a link worker?", "what's a link worker", "What are link workers?"):
        (citation, *_) = valley.ask(question).citations
        assert "goes with people to their first appointment" in citation.quote.text


def test_an_abbreviation_is_searched_for_in_full_and_the_user_sees_it(valley: Assistant) -> None:
    answer = valley.ask("What is the VCP?")
    assert answer.searched_for == "What is the Valley Care Partnership (VCP)?"
    assert "group of nine small charities" in answer.citations[0].quote.text


def test_what_is_only_said_of_a_thing_is_never_a_sure_answer(valley: Assistant) -> None:
    answer = valley.ask("What is the Harbour Hub?")
    assert answer.confidence <= 0.6
