"""A table of what exports and feeds hold and what is read of them.

What is expected is counted without the readers, by looking for the items in the file's text; each
difference comes with the reader's own reason::

    python benchmarks/exports.py PATH [PATH ...]        # files, or folders of them

The table is printed as Markdown.
"""

from __future__ import annotations

import argparse
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from askscwru.ingest.found import Document, SourceFile
from askscwru.ingest.manifest import SeedsManifest
from askscwru.ingest.readers import Readers

_ITEM = re.compile(r"<(?:item|entry)(?:\s[^>]*)?>(?P<inner>.*?)</(?:item|entry)>", re.DOTALL)
_STATUS = re.compile(r"<wp:status>(?:<!\[CDATA\[)?(?P<x>[\w-]*)")
_KIND = re.compile(r"<wp:post_type>(?:<!\[CDATA\[)?(?P<x>[\w-]*)")
_PASSWORD = re.compile(r"<wp:post_password>(?:<!\[CDATA\[)?[^<\]]")


def items(text: str, suffix: str) -> tuple[int, int, Counter[str]]:
    """How many items a file has, how many of them should be posts, and the others by kind."""
    if suffix == ".json":
        count = len(json.loads(text)["items"])
        return count, count, Counter()
    others: Counter[str] = Counter()
    found = [match["inner"] for match in _ITEM.finditer(text)]
    for inner in found:
        kind, status = _KIND.search(inner), _STATUS.search(inner)
        if kind and kind["x"] not in ("post", "page"):
            others[kind["x"]] += 1
        elif status and status["x"] != "publish":
            others[status["x"]] += 1
        elif _PASSWORD.search(inner):
            others["password"] += 1
    return len(found), len(found) - others.total(), others


def files(paths: list[Path]) -> Iterator[Path]:
    """The files named, and those in the folders named, by name."""
    for path in paths:
        if path.is_dir():
            yield from sorted(p for p in path.rglob("*") if p.suffix in (".xml", ".json"))
        else:
            yield path


def line(path: Path) -> str:
    """One row of the table."""
    data = path.read_bytes()
    count, expected, others = items(data.decode("utf-8", "replace"), path.suffix)
    [read] = Readers(SeedsManifest()).read(SourceFile(path.name, path, ""), data)
    if isinstance(read, Document):
        got, reasons = len(read.posts), "; ".join(read.skipped)
        openings = sum(not post.complete for post in read.posts)
        if openings:
            reasons = "; ".join(filter(None, [reasons, f"{openings} of them openings"]))
    else:
        got, reasons = 0, read.reason
    apart = ", ".join(f"{number} {kind}" for kind, number in others.items())
    return f"| `{path.name}` | {count} | {apart} | {expected} | {got} | {reasons} |"


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", metavar="PATH", nargs="+", type=Path)
    print("| file | items | not to be read | expected | got | why not, and what is cut short |")
    print("|---|---|---|---|---|---|")
    for path in files(parser.parse_args().paths):
        print(line(path))


if __name__ == "__main__":
    main()
