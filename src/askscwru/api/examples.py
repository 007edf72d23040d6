"""Examples for the manual: one question of the first corpus, its answer, and where it stands."""

from __future__ import annotations

from typing import Any

Json = dict[str, Any]

QUESTION = "How many people use Shared Lives?"
SENTENCE = (
    "There is already at least one nationally scaled support model which does this: Shared Lives, "
    "now used by 14,000 people in almost every UK area."
)
SOURCE = "003_2a3649b0bea1ad83.txt"
POST = "5d952f4cc1c4"
PASSAGE = "c3a5eb40e49a"
CONVERSATION = "9f0c8c6e0b7f4e0e9d5a3f1c2b4a6d80"
TITLE = "Shared Lives: a new health and care system"
REFERENCE = (
    "Alex Fox, “Shared Lives: a new health and care system”, Policy Press blog, "
    "003_2a3649b0bea1ad83.txt, characters 3,652–3,795, retrieved 5 January 2026"
)
CITATION: Json = {
    "index": 1,
    "quote": SENTENCE,
    "start": 3652,
    "end": 3795,
    "highlight": {"start": 3757, "end": 3763},
    "post_id": POST,
    "title": TITLE,
    "authors": ["Alex Fox"],
    "blog": "Policy Press blog",
    "source": SOURCE,
    "also_in": [],
    "url": None,
    "published": None,
    "captured": None,
    "page": None,
    "complete": True,
    "word_count": None,
    "passage_id": PASSAGE,
    "score": 0.88,
    "group": None,
    "reference": REFERENCE,
}
LIMITS: Json = {
    "filters": {
        "author": None,
        "source": None,
        "after": None,
        "before": None,
        "blog": None,
        "category": None,
        "tag": None,
        "post": None,
    },
    "sort": "relevance",
    "text": "all posts",
}
TURN: Json = {
    "turn": 1,
    "question": QUESTION,
    "searched_for": QUESTION,
    "limits": LIMITS,
    "corrections": [],
    "alternatives": [],
    "answered": True,
    "kind": "answer",
    "confidence": 0.88,
    "answer": f"{SENTENCE} [1]",
    "short": "14,000",
    "total": None,
    "posts": [],
    "citations": [CITATION],
    "nearest": [],
    "advice": [],
    "parts": [],
}
FOUND: Json = {
    "passage_id": PASSAGE,
    "post_id": POST,
    "title": TITLE,
    "text": f"… {SENTENCE}",
    "start": 3422,
    "end": 3795,
    "source": SOURCE,
    "score": 0.98,
}
TIMES: Json = {"collection": 0.1, "follow_up": 0.4, "retrieve": 6.1, "read": 11.8, "total": 18.9}
LISTED: Json = {
    "post_id": POST,
    "title": TITLE,
    "authors": ["Alex Fox"],
    "blog": "Policy Press blog",
    "word_count": None,
    "known_words": 981,
    "complete": True,
    "published": None,
    "captured": None,
    "url": None,
    "categories": [],
    "tags": [],
    "see_also": [],
    "source": SOURCE,
    "start": 28,
    "end": 6276,
    "sources": [SOURCE],
    "also_in": [],
}
