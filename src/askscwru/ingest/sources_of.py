"""The source that a document is."""

from __future__ import annotations

import hashlib
from collections.abc import Container

from askscwru.ingest.found import TEXT, Document
from askscwru.ingest.manifest import SeedsManifest
from askscwru.types import Source


def source_of(document: Document, manifest: SeedsManifest, absent: Container[str] = ()) -> Source:
    """The source that a document is.

    Args:
        document: as it was read.
        manifest: what is said of the seeds.
        absent: names of files that are out of reach.
    """
    # The text of a file that is out of reach is kept in the index, as that of other formats is.
    own = document.format == TEXT and document.name not in absent
    digest = hashlib.sha256(document.text.encode("utf-8", "surrogatepass")).hexdigest()
    return Source(
        name=document.name,
        sha256=document.sha256,
        characters=len(document.text),
        blog=manifest.blog(document.name) or document.blog,
        kind=manifest.kind(document.name),
        format=document.format,
        text_sha256=None if own else digest,
    )
