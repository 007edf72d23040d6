"""A question and the turns before it -> the question that it stands for.

No language model: rules over the words, and several readings where they leave a choice, from which
the assistant keeps the one that the posts answer best.

* ``words``: the words of a question and their parts
* ``phrases``: a question's parts, and its noun phrases
* ``context``: what earlier turns said and showed
* ``readings``: what a question may stand for
* ``anaphora``: pronouns and what they may stand for
* ``resolve``: the rules
"""

from askscwru.follow_up.context import Exchange, Shown
from askscwru.follow_up.readings import Change, Reading
from askscwru.follow_up.resolve import resolve

__all__ = ["Change", "Exchange", "Reading", "Shown", "resolve"]
