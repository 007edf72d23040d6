"""What reading one file may cost: every bound in one place."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

MOST_SECONDS = 60.0
"""For one file; what was read until then is kept."""
MOST_EXPORT_BYTES = 300_000_000
"""An export or a feed that is larger is skipped; pages and texts: ``max_source_bytes``."""
MOST_FEED_BYTES = 25_000_000
"""feedparser reads about half a megabyte a second."""
MOST_ARCHIVE_BYTES = 4_000_000_000
MOST_ITEMS = 200_000
"""Items of one export or feed."""
MOST_PAGE_CHARACTERS = 4_000_000
"""A saved page with more markup than this is no page that anybody wrote."""
MOST_DEPTH = 400
"""Elements of a page inside one another."""
MOST_MEMBERS = 50_000
"""Files in one archive."""
MOST_UNPACKED = 2_000_000_000
"""Bytes of all files of an archive together."""
MOST_DOCUMENT = 300_000_000
"""Bytes that a Word document may unpack to."""
MOST_RATIO = 200
"""Times that a member may be larger than what it is packed into; small members may be more."""
SMALL_MEMBER = 1_000_000
"""Bytes up to which the ratio says nothing: a page of spaces packs well."""
MOST_NAME = 400
"""Characters in the name of a member of an archive."""


class TooMuchError(Exception):
    """A file costs more than a file may; the message is the reason that is shown."""


@dataclass(slots=True)
class Budget:
    """The time that is left for one file."""

    seconds: float = MOST_SECONDS
    began: float = field(default_factory=time.monotonic)

    def check(self) -> None:
        """Raises ``TooMuchError`` when the time is up."""
        if time.monotonic() - self.began > self.seconds:
            raise TooMuchError(f"reading it took more than {self.seconds:.0f} s")
