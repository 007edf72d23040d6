"""Every way in which askscwru can fail, drawn as a tree.

::

    AskscwruError
    ├── UsageError                what was asked for cannot be done as asked
    │   ├── QuestionError         the question is blank, too long or holds no word
    │   ├── FilterError           a filter is of the wrong form
    │   ├── NotFoundError         no post, source or conversation has that id
    │   └── SetError              a question-and-answer set, its floors or a saved run is malformed
    ├── SeedsError                the seeds folder cannot be read as a whole
    │   └── ManifestError         the seeds manifest is malformed
    ├── SourceError               one source cannot be read; the others can
    ├── IndexError_               the index cannot be used as it stands
    │   ├── IndexMissing          there is none yet
    │   ├── IndexDamaged          a file of it is missing, cut short or foreign
    │   ├── IndexMismatch         it was built with another format, model or dimension
    │   ├── IndexStale            a source has changed since it was indexed
    │   ├── IndexBusy             another process is building it
    │   └── IndexAway             the server that holds its vectors is away, or refuses
    ├── StorageError              a folder is read-only, the disk is full, or a database is away
    │   └── InDoubtError          a database was lost while it was to keep something
    ├── ModelError                the encoder's weights are missing, altered or unusable
    ├── ClusterError              the machines that are to build cannot be reached, or are lost
    ├── Cancelled                 whoever asked no longer wants the answer
    ├── QuoteError                a quote is not what the source says: nothing is answered
    └── InternalError             what should never happen; its trace is in the log

A message names the input and the reason; ``remedy`` says what to do about it. The command line maps
these classes to exit codes and the HTTP service to statuses, each in one place.
"""

from __future__ import annotations


class AskscwruError(Exception):
    """A failure that the user can understand and mend.

    Args:
        message: one line that names the input and the reason.
        remedy: what mends it, as a sentence or a command; empty when nothing does.
        param: the argument at fault, when there is one (``question``, ``filters.author``).
    """

    code = "failure"

    def __init__(self, message: str, *, remedy: str = "", param: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.remedy = remedy
        self.param = param

    def __str__(self) -> str:
        return f"{self.message} {self.remedy}".rstrip()


class UsageError(AskscwruError):
    """What was asked for cannot be done as asked."""

    code = "wrong_use"


class QuestionError(UsageError):
    """The question is blank, too long, or holds no letter or digit."""

    code = "bad_question"


class FilterError(UsageError):
    """A filter is of the wrong form."""

    code = "bad_filter"


class NotFoundError(UsageError):
    """No post, source or conversation has that id."""

    code = "not_found"


class SetError(UsageError):
    """A question-and-answer set, its floors or a saved run is malformed."""

    code = "bad_set"


class SeedsError(AskscwruError):
    """The seeds folder cannot be read as a whole."""

    code = "bad_seeds"


class ManifestError(SeedsError):
    """The seeds manifest is malformed."""

    code = "bad_manifest"


class SourceError(AskscwruError):
    """One source cannot be read; ingesting goes on without it."""

    code = "bad_source"


class IndexError_(AskscwruError):  # noqa: N801, N818 - the builtin IndexError means something else
    """The index cannot be used as it stands."""

    code = "bad_index"


class IndexMissing(IndexError_):
    """There is no index yet."""

    code = "index_missing"


class IndexDamaged(IndexError_):
    """A file of the index is missing, cut short, or not ours."""

    code = "index_damaged"


class IndexMismatch(IndexError_):
    """The index was built with another format, model or dimension."""

    code = "index_mismatch"


class IndexStale(IndexError_):
    """A source has changed since it was indexed, so its offsets cannot be trusted."""

    code = "index_stale"


class IndexBusy(IndexError_):
    """Another process is building the index."""

    code = "index_busy"


class IndexAway(IndexError_):
    """The server that holds the vectors of the index cannot be reached, or refuses."""

    code = "index_away"


class StorageError(AskscwruError):
    """A folder cannot be written to, the disk is full, or a database is away."""

    code = "storage"


class InDoubtError(StorageError):
    """A database was lost in a commit, and could not be asked what became of it."""

    transaction = 0
    """Its number, by which the database can be asked later."""


class ModelError(AskscwruError):
    """The encoder's weights are missing, altered or of a kind that cannot be used."""

    code = "bad_model"


class ClusterError(AskscwruError):
    """The machines that are to build together cannot be reached, are lost, or are not alike."""

    code = "cluster"


class Cancelled(AskscwruError):  # noqa: N818 - nothing went wrong
    """Whoever asked no longer wants the answer; nothing was kept of it."""

    code = "cancelled"


class QuoteError(AskscwruError):
    """A quote is not what the source says, so the answer is refused."""

    code = "bad_quote"


class InternalError(AskscwruError):
    """Something failed that should not have; it is named by its class, and its trace is logged."""

    code = "internal"
    safe = ""
    """What may be told to strangers; empty where nothing but that it failed."""

    @classmethod
    def of(cls, error: Exception, doing: str) -> InternalError:
        """What is told of any other exception: no word of it but its class, which names no path.

        Args:
            error: what was raised.
            doing: what failed, as the beginning of a sentence.
        """
        said = f"{doing} failed with {type(error).__name__}, a fault of askscwru."
        made = cls(said, remedy="Its trace is in the log: please report it.")
        made.safe = str(made)
        return made
