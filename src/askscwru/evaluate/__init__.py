"""Question-and-answer sets to figures: what ``askscwru eval`` runs.

No language model judges anything: an answer is right when it quotes what the set accepts.
Reading order: ``metrics``, ``sets`` and ``match`` are pure; ``runs`` is what is saved; ``subject``,
``posts`` and ``outside`` make the records of a run; ``figures``, ``floors``, ``compare``,
``table``, ``curves`` and ``page`` are views of it; ``command`` joins them.
"""
