"""What ``benchmarks/peers.py`` runs in the peers' own environment, one phase of one peer.

``python peers_child.py PEER PHASE FOLDER``: the folder holds ``paragraphs.json`` and
``questions.json``; ``index`` leaves an index there, ``cold`` answers the first question, ``warm``
all of them after one to warm up. Answers are printed one a line: paragraph, text, milliseconds.
Only the standard library is imported before the peer's own, since importing is part of what is
measured.
"""

from __future__ import annotations

import json
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

THREADS = int(os.environ["OMP_NUM_THREADS"])
DEPTH = 5
"""How many paragraphs a reader reads, where there is one."""

Ask = Callable[[str], tuple[int, str]]
"""A question to the number of the best paragraph and the answer; empty without a reader."""


class SentenceTransformersFaiss:
    """The plain program: a vector for each paragraph, and the nearest one shown."""

    def __init__(self, folder: Path, encoder: str, reader: str) -> None:
        import faiss
        import torch
        from sentence_transformers import SentenceTransformer

        torch.set_num_threads(THREADS)
        self._faiss: Any = faiss
        self._file = str(folder / "paragraphs.faiss")
        self._model: Any = SentenceTransformer(encoder, device="cpu")

    def index(self, paragraphs: list[str]) -> None:
        """Writes the vectors."""
        vectors = self._encode(paragraphs)
        index = self._faiss.IndexFlatIP(vectors.shape[1])
        index.add(vectors)
        self._faiss.write_index(index, self._file)

    def open(self, paragraphs: list[str]) -> Ask:
        """Reads them back."""
        index = self._faiss.read_index(self._file)

        def ask(question: str) -> tuple[int, str]:
            _, found = index.search(self._encode([question]), DEPTH)
            return int(found[0][0]), ""

        return ask

    def _encode(self, texts: list[str]) -> Any:
        return self._model.encode(texts, normalize_embeddings=True, show_progress_bar=False)


class Txtai:
    """txtai's embeddings, and its pipeline for extractive questions."""

    def __init__(self, folder: Path, encoder: str, reader: str) -> None:
        import torch
        from txtai.embeddings import Embeddings

        torch.set_num_threads(THREADS)
        self._folder = str(folder / "txtai")
        self._embeddings: Any = Embeddings(path=encoder, gpu=False)
        self._reader = reader

    def index(self, paragraphs: list[str]) -> None:
        """Writes its index."""
        self._embeddings.index((number, text, None) for number, text in enumerate(paragraphs))
        self._embeddings.save(self._folder)

    def open(self, paragraphs: list[str]) -> Ask:
        """Reads it back."""
        self._embeddings.load(self._folder)
        pipeline: Any = None
        if self._reader:
            from txtai.pipeline import Questions

            pipeline = Questions(self._reader, gpu=False)

        def ask(question: str) -> tuple[int, str]:
            found = [int(number) for number, _ in self._embeddings.search(question, DEPTH)]
            if pipeline is None:
                return found[0], ""
            for number in found:
                try:
                    (text,) = pipeline([question], [paragraphs[number]])
                except TypeError:  # it has no way to take a model's word for "not here"
                    continue
                if text:
                    return number, str(text)
            return found[0], ""

        return ask


class Haystack:
    """Haystack's embedders, in-memory store and extractive reader."""

    def __init__(self, folder: Path, encoder: str, reader: str) -> None:
        import torch
        from haystack.document_stores.in_memory import InMemoryDocumentStore

        torch.set_num_threads(THREADS)
        self._file = str(folder / "haystack.json")
        self._encoder, self._reader = encoder, reader
        self._store: Any = InMemoryDocumentStore(embedding_similarity_function="dot_product")

    def index(self, paragraphs: list[str]) -> None:
        """Writes the store."""
        from haystack import Document
        from haystack.components.embedders import SentenceTransformersDocumentEmbedder

        embedder = SentenceTransformersDocumentEmbedder(
            self._encoder, normalize_embeddings=True, progress_bar=False
        )
        embedder.warm_up()
        documents = [
            Document(content=text, meta={"number": number})
            for number, text in enumerate(paragraphs)
        ]
        self._store.write_documents(embedder.run(documents)["documents"])
        self._store.save_to_disk(self._file)

    def open(self, paragraphs: list[str]) -> Ask:
        """Reads it back."""
        from haystack.components.embedders import SentenceTransformersTextEmbedder
        from haystack.components.readers import ExtractiveReader
        from haystack.components.retrievers.in_memory import InMemoryEmbeddingRetriever

        store = type(self._store).load_from_disk(self._file)
        embedder = SentenceTransformersTextEmbedder(
            self._encoder, normalize_embeddings=True, progress_bar=False
        )
        embedder.warm_up()
        retriever = InMemoryEmbeddingRetriever(store, top_k=DEPTH)
        reader: Any = None
        if self._reader:
            reader = ExtractiveReader(self._reader, top_k=1, no_answer=False, max_seq_length=384)
            reader.warm_up()

        def ask(question: str) -> tuple[int, str]:
            vector = embedder.run(question)["embedding"]
            found = retriever.run(query_embedding=vector)["documents"]
            if reader is None:
                return int(found[0].meta["number"]), ""
            best = reader.run(query=question, documents=found, top_k=1)["answers"][0]
            return int(best.document.meta["number"]), str(best.data or "")

        return ask


PEERS = {
    "sentence-transformers": SentenceTransformersFaiss,
    "txtai": Txtai,
    "haystack": Haystack,
}


def main() -> None:
    """Runs one phase of one peer."""
    name, phase, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    paragraphs = json.loads((folder / "paragraphs.json").read_text("utf-8"))
    questions = json.loads((folder / "questions.json").read_text("utf-8"))
    peer = PEERS[name](folder, os.environ["PEERS_ENCODER"], os.environ.get("PEERS_READER", ""))
    if phase == "index":
        peer.index(paragraphs)
        return
    ask = peer.open(paragraphs)
    ask(questions[0])
    for question in questions if phase == "warm" else ():
        began = time.perf_counter()
        paragraph, text = ask(question)
        took = (time.perf_counter() - began) * 1000
        print(json.dumps([paragraph, text, took]), flush=True)


if __name__ == "__main__":
    main()
