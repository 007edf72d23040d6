"""Generations of an index as collections of a Milvus server, and the alias of the live one.

A generation has two collections. In one stands each passage by its row: its vector, and what
filters ask for (day, names). In the other stand the vectors of its sentences, packed as the files
have them (base64, for Milvus has no type for bytes), a passage a row, more where they are too long
for one; and one row that says what the generation is. A collection is only ever written before the
alias names it: moving the alias is one step, so readers find the old generation or the new one and
nothing between. They remember the collection, not the alias, and so read on from the same one while
another goes live.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from askscwru.errors import IndexAway, IndexDamaged
from askscwru.milvus.expressions import NAMES, PUBLISHED, ROW
from askscwru.milvus.server import WRITE_SECONDS, MilvusServer, library

ALIAS = "askscwru"
FORMAT = 1
"""Of the collections."""
MOST_NAMES = 4096
"""Milvus's limit on an array."""
_OURS = re.compile(r"askscwru_([0-9A-Za-z_]+?)_(?:passages|sentences)")
_PACKED = 48_000  # bytes of vectors a row: in base64 64,000 of the 65,535 that a text may have
_PARTS = 1 << 20  # rows that a passage's sentences may take up
_SELF = -1
"""The key of the row that says what the generation is."""
_AT_ONCE = 1_000
_MORE = 32
_MOST = 16_384  # Milvus's limit on what a search returns
_REMEDY = "Run `askscwru index`."


@dataclass(frozen=True, slots=True)
class Served:
    """What a generation's collections are; kept in a row of their own."""

    generation: str
    passages: int
    parts: int
    """Rows of packed sentences."""
    names: bool
    """Whether names can be filtered by: not where a post has more than an array can hold."""
    format: int = FORMAT


@dataclass(frozen=True, slots=True)
class ServedPassage:
    """A passage as it is kept."""

    row: int
    vector: NDArray[np.float32]
    sentences: bytes
    """The vectors of its sentences, packed."""
    published: str
    """ISO date; empty where it is not known."""
    names: tuple[int, ...]
    """By ``expressions.name_number``."""


def parts_of(size: int) -> int:
    """How many rows so many bytes of packed sentences take up."""
    return -(-size // _PACKED)


def _collections(generation: str) -> tuple[str, str]:
    """Names of the collections of passages and of sentences."""
    stem = "askscwru_" + re.sub(r"\W", "_", generation)
    return f"{stem}_passages", f"{stem}_sentences"


# -- reading ---------------------------------------------------------------------------------------


def live_collection(server: MilvusServer) -> str | None:
    """The collection that the alias names; None where there is none.

    Raises:
        IndexAway: the server is away, or refuses.
    """
    if not server.call("has_collection", collection_name=ALIAS):
        return None
    return str(server.call("describe_collection", collection_name=ALIAS)["collection_name"])


def live(server: MilvusServer) -> Served | None:
    """The generation that the alias names; None where there is none.

    Raises:
        IndexAway: the server is away, or refuses.
        IndexDamaged: the alias names something else.
    """
    name = live_collection(server)
    if name is None:
        return None
    ours = _OURS.fullmatch(name)
    try:
        if ours is None:
            raise ValueError("its name is none of ours")
        rows = server.call(
            "query",
            collection_name=name.replace("_passages", "_sentences"),
            filter=f"part == {_SELF}",
            output_fields=["packed"],
            consistency_level="Bounded",
        )
        return Served(**json.loads(rows[0]["packed"]))
    except (ValueError, TypeError, LookupError) as error:
        raise IndexDamaged(
            f"The alias {ALIAS!r} in {server.address} names {name!r}, which is none of ours or of a"
            " later version.",
            remedy="Name another database in ASKSCWRU_INDEX, or upgrade askscwru.",
        ) from error


class ServedGeneration:
    """One generation on a server, to be searched; safe to use from many threads."""

    def __init__(self, server: MilvusServer, served: Served) -> None:
        """Has the server load it, unless it has.

        Raises:
            IndexAway: the server is away, or refuses.
        """
        self.served = served
        self._server = server
        self._passages, self._sentences = _collections(served.generation)
        for name in (self._passages, self._sentences):
            server.call("load_collection", collection_name=name)

    def search(self, question: NDArray[np.float32], k: int, within: str) -> list[tuple[int, float]]:
        """Row and cosine of the nearest passages, best first; equal ones by row.

        Args:
            question: a unit vector of shape (dimension,).
            k: the most that are returned, at least 1.
            within: an expression that limits them; empty for all.
        """
        most = min(max(1, self.served.passages), _MOST)
        limit = min(k + _MORE, most)
        while True:
            found = self._found(question, limit, within)
            # Equal scores may straddle the limit: look further until the last is lower than the
            # k-th, so that which of them are returned depends on the rows alone.
            if limit == most or len(found) < limit or found[-1][1] < found[k - 1][1]:
                return found[:k]
            limit = min(4 * limit, most)

    def vectors(self, rows: Sequence[int]) -> dict[int, NDArray[np.float32]]:
        """The vectors of these passages, by row.

        Raises:
            IndexAway: the server is away, or has not all of them.
        """
        found = self._by_key(self._passages, ROW, rows, "vector")
        return {row: np.asarray(vector, dtype=np.float32) for row, vector in found.items()}

    def sentences(self, sizes: Mapping[int, int]) -> dict[int, bytes]:
        """The packed vectors of the sentences of passages, by row.

        Args:
            sizes: how many bytes each of the passages has.
        """
        keys = {
            row: range(row * _PARTS, row * _PARTS + parts_of(size)) for row, size in sizes.items()
        }
        wanted = [key for some in keys.values() for key in some]
        found = self._by_key(self._sentences, "part", wanted, "packed")
        return {
            row: b"".join(base64.b64decode(found[key]) for key in some)
            for row, some in keys.items()
        }

    def check(self) -> list[IndexDamaged]:
        """What is wrong with it; empty when the server has as many rows as were written."""
        faults = []
        for name, many in self._sizes():
            there = _count(self._server, name, "Bounded")
            if there != many:
                said = f"{name} in {self._server.address} has {there} rows, not {many}."
                faults.append(IndexDamaged(said, remedy="Run `askscwru index --force`."))
        return faults

    # -- rungs -----------------------------------------------------------------------------------

    def _sizes(self) -> tuple[tuple[str, int], tuple[str, int]]:
        return (self._passages, self.served.passages), (self._sentences, self.served.parts + 1)

    def _found(
        self, question: NDArray[np.float32], limit: int, within: str
    ) -> list[tuple[int, float]]:
        hits = self._server.call(
            "search",
            collection_name=self._passages,
            data=[question],
            anns_field="vector",
            limit=limit,
            filter=within,
            output_fields=[ROW],
            search_params={"metric_type": "IP", "params": {}},
            consistency_level="Bounded",
        )[0]
        pairs = [(int(hit["entity"][ROW]), float(hit["distance"])) for hit in hits]
        return sorted(pairs, key=lambda pair: (-pair[1], pair[0]))

    def _by_key(self, name: str, key: str, wanted: Sequence[int], field: str) -> dict[int, Any]:
        found: dict[int, Any] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = [int(one) for one in wanted[start : start + _AT_ONCE]]
            rows = self._server.call(
                "query",
                collection_name=name,
                filter=f"{key} in {some}",
                output_fields=[key, field],
                consistency_level="Bounded",
            )
            found.update((int(row[key]), row[field]) for row in rows)
        if missing := set(map(int, wanted)) - found.keys():
            raise IndexAway(
                f"{name} in {self._server.address} lacks {len(missing)} of the rows that were "
                "written.",
                remedy="Try again: it may be loading. Else run `askscwru index --force`.",
            )
        return found


# -- writing ---------------------------------------------------------------------------------------


def write(
    server: MilvusServer,
    served: Served,
    dimension: int,
    passages: Iterable[Sequence[ServedPassage]],
) -> None:
    """Writes the collections of a generation, which no reader sees before ``go_live``.

    What an earlier attempt left is removed first.

    Args:
        server: to write to.
        served: what is written.
        dimension: of the vectors.
        passages: some hundreds at a time, in ascending order of rows.

    Raises:
        IndexAway: the server is away, or refuses.
        IndexDamaged: it has not kept all that was written.
    """
    names = _collections(served.generation)
    for name in names:
        if server.call("has_collection", collection_name=name):
            server.call("drop_collection", collection_name=name, seconds=WRITE_SECONDS)
    _create(server, names[0], _passage_fields(dimension, names=served.names))
    _create(server, names[1], _sentence_fields())
    itself = [_part(_SELF, json.dumps(asdict(served)))]
    server.call("insert", collection_name=names[1], data=itself, seconds=WRITE_SECONDS)
    for some in passages:
        for name, rows in zip(names, _rows_of(some, names=served.names), strict=True):
            for start in range(0, len(rows), _AT_ONCE):
                part = rows[start : start + _AT_ONCE]
                server.call("insert", collection_name=name, data=part, seconds=WRITE_SECONDS)
    for name, many in zip(names, (served.passages, served.parts + 1), strict=True):
        _make_searchable(server, name)
        there = _count(server, name, "Strong")
        if there != many:
            raise IndexDamaged(
                f"{server.address} has kept {there} of {many} rows of {name}.", remedy=_REMEDY
            )


def go_live(server: MilvusServer, generation: str) -> None:
    """Makes a written generation the one that the alias names, in one step."""
    name = _collections(generation)[0]
    there = server.call("has_collection", collection_name=ALIAS)
    server.call("alter_alias" if there else "create_alias", collection_name=name, alias=ALIAS)


def remove_all_but(server: MilvusServer, generations: Iterable[str]) -> None:
    """Removes the collections of every other generation: wrecks, and what nobody reads now."""
    kept = {name for generation in generations for name in _collections(generation)}
    for name in server.call("list_collections"):
        if _OURS.fullmatch(name) and name not in kept:
            server.call("drop_collection", collection_name=name, seconds=WRITE_SECONDS)


def _rows_of(
    passages: Sequence[ServedPassage], *, names: bool
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    rows, parts = [], []
    for passage in passages:
        row = {ROW: passage.row, "vector": passage.vector, PUBLISHED: passage.published}
        rows.append(row | ({NAMES: list(passage.names)} if names else {}))
        packed = passage.sentences
        for part in range(parts_of(len(packed))):
            some = packed[part * _PACKED : (part + 1) * _PACKED]
            key = passage.row * _PARTS + part
            parts.append(_part(key, base64.b64encode(some).decode("ascii")))
    return rows, parts


def _part(key: int, packed: str) -> dict[str, Any]:
    return {"part": key, "packed": packed, "nothing": [0.0, 1.0]}


def _passage_fields(dimension: int, *, names: bool) -> Any:
    milvus = library()
    kind = milvus.DataType
    schema = milvus.MilvusClient.create_schema(auto_id=False)
    schema.add_field(ROW, kind.INT64, is_primary=True)
    schema.add_field("vector", kind.FLOAT_VECTOR, dim=dimension)
    schema.add_field(PUBLISHED, kind.VARCHAR, max_length=64)
    if names:
        schema.add_field(NAMES, kind.ARRAY, element_type=kind.INT64, max_capacity=MOST_NAMES)
    return schema


def _sentence_fields() -> Any:
    milvus = library()
    kind = milvus.DataType
    schema = milvus.MilvusClient.create_schema(auto_id=False)
    schema.add_field("part", kind.INT64, is_primary=True)
    schema.add_field("packed", kind.VARCHAR, max_length=65_535)
    schema.add_field("nothing", kind.FLOAT_VECTOR, dim=2)  # every collection must have a vector
    return schema


def _create(server: MilvusServer, name: str, schema: Any) -> None:
    server.call(
        "create_collection",
        collection_name=name,
        schema=schema,
        consistency_level="Bounded",
        seconds=WRITE_SECONDS,
    )


def _make_searchable(server: MilvusServer, name: str) -> None:
    """Flushes, indexes and loads a collection."""
    server.call("flush", collection_name=name, seconds=WRITE_SECONDS)
    params = library().MilvusClient.prepare_index_params()
    field = "nothing" if name.endswith("_sentences") else "vector"
    params.add_index(field, index_type="FLAT", metric_type="IP", params={})
    server.call("create_index", collection_name=name, index_params=params, seconds=WRITE_SECONDS)
    server.call("load_collection", collection_name=name, seconds=WRITE_SECONDS)


def _count(server: MilvusServer, name: str, consistency: str) -> int:
    found = server.call(
        "query",
        collection_name=name,
        filter="",
        output_fields=["count(*)"],
        consistency_level=consistency,
        seconds=WRITE_SECONDS,
    )
    return int(found[0]["count(*)"])
