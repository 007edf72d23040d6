"""Which posts pass the filters of a query: conditions, looked up in the records."""

from __future__ import annotations

from datetime import date

from rapidfuzz import fuzz, process

from askscwru.errors import FilterError
from askscwru.index.records import Condition, PostSet, Records
from askscwru.letters import fold
from askscwru.names import bare_name
from askscwru.types import Filters

NO_FILTERS = Filters()
_FIRST = {len("2018"): "-01-01", len("2018-02"): "-01"}
_LABELS = ("blog", "category", "tag")


def posts_within(records: Records, filters: Filters) -> PostSet:
    """The posts that pass the filters, in the order of the pages.

    Args:
        records: of all posts.
        filters: what is None limits nothing.

    Raises:
        FilterError: a filter names an author, a source, a post, a blog, a category or a tag that
            there is not, or no ISO date; or the period ends before it begins.
    """
    passed = _Passed(records)
    if filters.author is not None:
        passed.by_author(filters.author)
    if filters.source is not None:
        passed.by_source(filters.source)
    for what in _LABELS:
        if (wanted := getattr(filters, what)) is not None:
            passed.by_label(what, wanted)
    passed.by_date(filters)
    if filters.post is not None:
        passed.by_id(filters.post)
    return PostSet(records, passed.conditions)


class _Passed:
    """The conditions of the filters so far; each but the last ones must leave a post."""

    def __init__(self, records: Records) -> None:
        self._records = records
        self.conditions: list[Condition] = []

    def by_author(self, author: str) -> None:
        """Posts of an author: by the whole name, else by the last."""
        wanted = bare_name(author)
        if not fold(wanted):
            raise FilterError("The author filter is blank.", param="filters.author")
        if self._leaves(Condition.named("author", [wanted])):
            return
        if self._leaves(Condition.named("surname", [wanted])):
            return
        near = self._near("author", author)
        hint = f"Did you mean “{near}”?" if near else "`askscwru posts` lists the authors."
        raise FilterError(f"No post is by “{author}”.", remedy=hint, param="filters.author")

    def by_source(self, source: str) -> None:
        """Posts that stand in a source, themselves or as a copy."""
        if not self._leaves(Condition.standing_in(source)):
            raise FilterError(
                f"No post is from the source “{source}”.",
                remedy="`askscwru posts` lists the sources.",
                param="filters.source",
            )

    def by_label(self, what: str, wanted: str) -> None:
        """Posts of a blog, in a category or with a tag, whatever the case and the accents."""
        if not fold(wanted):
            raise FilterError(f"The {what} filter is blank.", param=f"filters.{what}")
        if self._leaves(Condition.named(what, [wanted])):
            return
        near = self._near(what, wanted)
        hint = f"Did you mean “{near}”?" if near else "`askscwru posts --json` lists them."
        raise FilterError(
            f"No post has the {what} “{wanted}”.", remedy=hint, param=f"filters.{what}"
        )

    def by_date(self, filters: Filters) -> None:
        """Posts of a period; there may be none."""
        after = _iso(filters.after, "filters.after")
        before = _iso(filters.before, "filters.before")
        if after is not None and before is not None and before <= after:
            raise FilterError(
                f"The period ends on {before}, before it begins on {after}.",
                remedy="Exchange the two dates.",
                param="filters.before",
            )
        if after is not None or before is not None:
            self.conditions.append(Condition.published(after, before))

    def by_id(self, post_id: str) -> None:
        """One post, if it passes the others."""
        only = Condition.among([post_id])
        if not self._records.count([only]):
            raise FilterError(
                f"There is no post “{post_id}”.",
                remedy="`askscwru posts --json` lists the ids.",
                param="filters.post",
            )
        self.conditions.append(only)

    def _leaves(self, condition: Condition) -> bool:
        """Adds a condition if any post meets it and those before it."""
        if not self._records.any([*self.conditions, condition]):
            return False
        self.conditions.append(condition)
        return True

    def _near(self, kind: str, wanted: str) -> str | None:
        names = self._records.spellings(kind, self.conditions)
        near = process.extractOne(wanted, names, scorer=fuzz.WRatio, score_cutoff=60)
        return None if near is None else near[0]


def _iso(value: str | None, param: str) -> str | None:
    """The day, the first one of a month or a year that is named without a day."""
    if value is None:
        return None
    whole = f"{value.strip()}{_FIRST.get(len(value.strip()), '')}"
    try:
        return date.fromisoformat(whole).isoformat()
    except ValueError as error:
        raise FilterError(
            f"“{value}” is not a date.",
            remedy="Write it as 2018, 2018-02 or 2018-02-28.",
            param=param,
        ) from error
