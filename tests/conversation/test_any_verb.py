"""The top reading does not hang on the verb: forty everyday ones and a hundred drawn by chance."""

from __future__ import annotations

from test_follow_up import said

from askscwru.conversation.follow_up import resolve

EVERYDAY = """
    paint mend plough knead fine tax brew pardon ban soothe solder fold scrape polish weld bake
    boil chop dig dye iron knit lick mow nail oil paste peel pour rinse roast rub scrub sew
    shave sweep tow weave wrap harvest
""".split()
DRAWN = """
    harm companion enrich ray stir fiddle delay perfect halo dice throw joke sentence pond
    warden sediment disappoint mesh dawn slide cord treble lance bargain thrill core nip devote
    muse scar handle pump grit jam key drag initial shut commit corrupt ballot den pile capture
    inhabit desire price potter corn burden limp collapse battle hand bard tin bucket contest
    leap conserve staple contrast zipper tender piston capsule pet soil behold cry reopen cork
    lounge leaf minor fleece kid maneuver jacket limb bother correct neck echo absent attribute
    poop dedicate author participate breakfast crunch wand cement video bus snow shoot sigh
    provision
""".split()
"""Of the verbs among the 20,000 commonest words (wordfreq, lemminflect): ``random.Random(20)``."""
TEMPLATES = (
    ("How do workers {} metal parts?", "what about wheels?", "How do workers {} wheels?"),
    ("Why did the museum {} old maps?", "and the library?", "Why did the library {} old maps?"),
    ("Should farmers {} tall hedges?", "what about gardeners?", "Should gardeners {} tall hedges?"),
    ("Which towns {} empty houses?", "what about offices?", "Which towns {} offices?"),
    ("What is the Hive Project?", "how do schools {} it?", "How do schools {} the Hive Project?"),
    (
        "Does the old council {} late drivers?",
        "why?",
        "Why does the old council {} late drivers?",
    ),
)


def test_a_reading_does_not_hang_on_the_verb() -> None:
    wrong = []
    for first, question, expected in TEMPLATES:
        for verb in (*EVERYDAY, *DRAWN):
            top = resolve(question.format(verb), [said(first.format(verb))])[0].question
            if top != expected.format(verb):
                wrong.append(top)
    share = 1 - len(wrong) / (len(TEMPLATES) * len((*EVERYDAY, *DRAWN)))
    assert share >= 0.95, (share, wrong)
