"""One other library at one size, in a process of its own: called by ``scale.py --peers``.

It is given the vectors, so that its index is measured and not an encoder; it searches by vectors
and by words, as askscwru does. Prints one line of JSON.
"""

from __future__ import annotations

import json
import resource
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np

_DEEP = 50
_known: dict[str, Any] = {}


def transform(texts: Sequence[str]) -> Any:
    """The vectors of texts that are known; txtai calls it by name."""
    return np.array([_known[text] for text in texts], dtype=np.float32)


def _txtai(folder: Path, texts: list[str]) -> tuple[Callable[[], Any], Callable[[Any, str], Any]]:
    from txtai.embeddings import Embeddings

    path = str(folder / "txtai")

    def make() -> None:
        config = {"method": "external", "transform": "scale_peer.transform", "dimensions": 384}
        made = Embeddings({**config, "hybrid": True, "content": True})
        made.index((at, text, None) for at, text in enumerate(texts))
        made.save(path)

    def load() -> Any:
        loaded = Embeddings()
        loaded.load(path)
        return loaded

    if texts:
        make()
    return load, lambda loaded, question: loaded.search(question, _DEEP)


def _haystack(
    folder: Path, texts: list[str]
) -> tuple[Callable[[], Any], Callable[[Any, str], Any]]:
    from haystack import Document
    from haystack.document_stores.in_memory import InMemoryDocumentStore

    path = str(folder / "haystack.json")
    if texts:
        store = InMemoryDocumentStore()
        vectors = transform(texts)
        store.write_documents(
            [
                Document(id=str(at), content=text, embedding=vector.tolist())
                for at, (text, vector) in enumerate(zip(texts, vectors, strict=True))
            ]
        )
        store.save_to_disk(path)

    def search(loaded: Any, question: str) -> Any:
        vector = transform([question])[0].tolist()
        near = loaded.embedding_retrieval(vector, top_k=_DEEP)
        return near, loaded.bm25_retrieval(question, top_k=_DEEP)

    return lambda: InMemoryDocumentStore.load_from_disk(path), search


def main() -> None:
    """Makes the index (``make``), or opens and asks it (``ask``)."""
    sys.modules["scale_peer"] = sys.modules["__main__"]  # by this name txtai calls ``transform``
    name, step, folder = sys.argv[1], sys.argv[2], Path(sys.argv[3])
    questions = json.loads((folder / "questions.json").read_text())
    _known.update(zip(questions, np.load(folder / "questions.npy"), strict=True))
    texts: list[str] = []
    if step == "make":
        texts = json.loads((folder / "texts.json").read_text())
        _known.update(zip(texts, np.load(folder / "texts.npy"), strict=True))
    burnt = time.process_time()
    load, search = {"txtai": _txtai, "haystack": _haystack}[name](folder, texts)
    line: dict[str, Any] = {"peer": name}
    if step == "make":
        line["make_cpu_s"] = round(time.process_time() - burnt, 1)
    else:
        burnt = time.process_time()
        loaded = load()
        line["open_cpu_s"] = round(time.process_time() - burnt, 2)
        took = []
        for question in questions[:3] + questions:
            burnt = time.process_time()
            search(loaded, question)
            took.append(1000 * (time.process_time() - burnt))
        line["search_cpu_median_ms"] = round(float(np.median(took[3:])), 1)
        line["search_cpu_p95_ms"] = round(float(np.percentile(took[3:], 95)), 1)
        line["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    print(json.dumps(line))


if __name__ == "__main__":
    main()
