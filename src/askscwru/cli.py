"""The commands; the composition root.

Exit codes: 0 done or answered, 1 failure, 2 wrong use, 3 abstained, 4 a figure is
below its floor, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from askscwru import __version__
from askscwru.errors import AskscwruError, UsageError

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.build import BuildReport
    from askscwru.settings import Settings
    from askscwru.types import Answer, Post, Progress

ANSWERED, FAILED, WRONG_USE, ABSTAINED, STOPPED = 0, 1, 2, 3, 130
LAST = "last"
"""In the place of a conversation's id: the one with the newest turn."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code."""
    options = _parser().parse_args(arguments)
    run: Callable[[argparse.Namespace], int] = options.run
    try:
        return run(options)
    except AskscwruError as error:
        _complain(error)
        return WRONG_USE if isinstance(error, UsageError) else FAILED
    except KeyboardInterrupt:
        return STOPPED
    except BrokenPipeError:
        sys.stderr.close()  # keeps Python from complaining of the pipe once more at exit
        return FAILED


def _complain(error: AskscwruError) -> None:
    from askscwru.screen import safe

    print(f"askscwru: {safe(str(error))}", file=sys.stderr)


# -- arguments -------------------------------------------------------------------------------------


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--seeds", metavar="DIR", help="folder of saved pages (default: seeds)")
    common.add_argument(
        "--embeddings", metavar="DIR", help="folder of the index (default: embeddings)"
    )
    parser = argparse.ArgumentParser(
        prog="askscwru",
        description="Ask blog posts, and get their own words back: verbatim, cited, offline.",
        parents=[common],
    )
    parser.add_argument("--version", action="version", version=f"askscwru {__version__}")
    parser.add_argument(
        "--plain",
        action="store_true",
        help="ask at a line prompt instead of the full screen; suits screen readers",
    )
    parser.set_defaults(run=_open)
    commands = parser.add_subparsers(title="commands", metavar="COMMAND")
    _ask_arguments(_command(commands, common, "ask", _ask, "answer one question"))
    index = _command(commands, common, "index", _index, "build what is out of date of the index")
    index.add_argument("--force", action="store_true", help="build it even when nothing changed")
    posts = _command(commands, common, "posts", _posts, "list the posts")
    posts.add_argument("--json", action="store_true", help="print JSON")
    _eval_arguments(
        _command(commands, common, "eval", _eval, "run question-and-answer sets, print the table")
    )
    _command(commands, common, "doctor", _doctor, "look for faults and say what mends them")
    return parser


def _command(
    commands: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    # The options after the command win over those before it only where they are given.
    local = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS)
    for action in common._actions:
        local._add_action(action)
    command: argparse.ArgumentParser = commands.add_parser(
        name, parents=[local], help=summary, description=summary.capitalize() + "."
    )
    command.set_defaults(run=run)
    return command


def _ask_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("question", metavar="QUESTION", help="what to ask, in quotation marks")
    command.add_argument("--json", action="store_true", help="print the answer as JSON")
    command.add_argument(
        "--conversation",
        metavar="ID",
        help="go on from the earlier turns of this conversation; `last` for the newest one",
    )
    command.add_argument("--top-k", type=int, metavar="N", help="how many passages to show (5)")
    command.add_argument("--author", metavar="NAME", help="only posts by this author")
    command.add_argument("--source", metavar="FILE", help="only posts from this source")
    command.add_argument("--after", metavar="DATE", help="only posts published then or later")
    command.add_argument("--before", metavar="DATE", help="only posts published before then")


def _eval_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("sets", metavar="SET", nargs="*", type=Path, help="a set (default: the two in eval/)")
    add("--json", metavar="FILE", type=Path, help="save the run, item by item")
    add("--html", metavar="FILE", type=Path, help="write a page with curves and every missed item")
    add(
        "--compare",
        metavar=("BEFORE", "AFTER"),
        nargs=2,
        type=Path,
        help="hold two saved runs against each other; nothing is run",
    )
    add("--against", metavar="FILE", type=Path, help="hold this run against a saved one")
    add("--split", choices=("tune", "report", "all"), default="all", help="which items (all)")
    add("--limit", metavar="N", type=int, help="at most N items of each set, evenly spread")
    add(
        "--control",
        metavar="NAME",
        help="run a control instead: bm25, dense, first-sentence; alone, gold, concatenated for"
        " conversations",
    )
    add("--quick", action="store_true", help="leave out the controls beside the conversations")
    add("--work", metavar="DIR", type=Path, help="keep the indexes of outside sets there")
    add("--write-floors", action="store_true", help="write eval/floors.toml from this run")


def _settings(options: argparse.Namespace) -> Settings:
    from pydantic import ValidationError

    from askscwru.settings import Settings

    given = {
        name: getattr(options, name)
        for name in ("seeds", "embeddings")
        if getattr(options, name, None)
    }
    try:
        return Settings(**given)
    except ValidationError as error:
        fault = error.errors()[0]
        name = "ASKSCWRU_" + "_".join(map(str, fault["loc"])).upper()
        raise UsageError(f"{name} is {fault['input']!r}: {fault['msg']}.") from error


# -- commands --------------------------------------------------------------------------------------


def _ask(options: argparse.Namespace) -> int:
    from askscwru.types import Filters

    filters = Filters(
        author=options.author, source=options.source, after=options.after, before=options.before
    )
    with _assistant(options) as assistant:
        conversation = options.conversation
        answer = assistant.ask(
            options.question,
            conversation_id=assistant.store.last() if conversation == LAST else conversation,
            top_k=options.top_k,
            filters=None if filters == Filters() else filters,
        )
    _show(answer, as_json=options.json)
    if not options.json and conversation is None and not answer.notes:
        hint = f'askscwru ask --conversation {answer.conversation_id} "…"'
        print(f"Go on with: {hint}", file=sys.stderr)
    return ANSWERED if answer.answered else ABSTAINED


def _open(options: argparse.Namespace) -> int:
    """The full screen where there is one, and a line prompt in a pipe."""
    if options.plain or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _converse(options)
    from askscwru.tui.command import run

    return run(lambda: _settings(options))


def _converse(options: argparse.Namespace) -> int:
    """Holds a conversation, one question a line, until an empty line or the end of the input."""
    conversation: str | None = None
    with _assistant(options) as assistant:
        print("Ask the posts. An empty line ends.", file=sys.stderr)
        for question in _typed():
            try:
                answer = assistant.ask(question, conversation_id=conversation)
                conversation = answer.conversation_id
                _show(answer, as_json=False)
            except UsageError as error:
                _complain(error)
            print()
    return ANSWERED


def _typed() -> Iterator[str]:
    while True:
        try:
            line = input("? ")
        except EOFError:
            return
        if not line.strip():
            return
        yield line


def _index(options: argparse.Namespace) -> int:
    from askscwru.build import build

    with _progress() as progress:
        report = build(_settings(options), progress, force=options.force)
    _report(report)
    return ANSWERED


def _posts(options: argparse.Namespace) -> int:
    from askscwru.assistant import open_index
    from askscwru.screen import console, posts_view

    with _progress() as progress:
        index = open_index(_settings(options), progress)
    posts = index.posts()
    index.close()
    if options.json:
        _print_json([post_dict(post) for post in posts])
    else:
        console().print(posts_view(posts))
    return ANSWERED


def _eval(options: argparse.Namespace) -> int:
    from dataclasses import fields

    from askscwru.evaluate.command import Options, evaluate
    from askscwru.screen import console

    given = {field.name: getattr(options, field.name) for field in fields(Options)}
    given["sets"] = tuple(options.sets)
    given["compare"] = tuple(options.compare) if options.compare else None
    with _progress() as progress:
        return evaluate(Options(**given), _settings(options), console(), progress)


def _doctor(options: argparse.Namespace) -> int:
    from rich.text import Text

    from askscwru.doctor import examine
    from askscwru.screen import console, safe

    out = console()
    findings = examine(_settings(options))
    for finding in findings:
        mark = ("ok   ", "green") if finding.sound else ("FAULT", "bold red")
        out.print(Text.assemble(mark, f" {finding.name}: {safe(finding.detail)}"), soft_wrap=True)
        if not finding.sound:
            out.print(Text(f"      mend it: {safe(finding.remedy)}"), soft_wrap=True)
    return ANSWERED if all(finding.sound for finding in findings) else FAILED


# -- shared by the commands ------------------------------------------------------------------------


@contextmanager
def _assistant(options: argparse.Namespace) -> Iterator[Assistant]:
    from askscwru.assistant import Assistant, plain_question
    from askscwru.store import Store

    settings = _settings(options)
    if hasattr(options, "question"):
        plain_question(options.question, settings.max_question)
    store = Store(settings.conversations_file)
    with _progress() as progress:
        assistant = Assistant.load(settings, store=store, progress=progress)
    try:
        yield assistant
    finally:
        assistant.close()


def _show(answer: Answer, *, as_json: bool) -> None:
    from askscwru.screen import answer_view, console, safe

    for note in answer.notes:
        print(f"askscwru: {safe(note)}", file=sys.stderr)
    if as_json:
        _print_json(answer.to_dict())
        return
    console().print(answer_view(answer))


def _print_json(content: Any) -> None:
    # Half a surrogate pair cannot be written as UTF-8, but every reader of JSON takes \ud800.
    text = json.dumps(content, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        text = json.dumps(content, indent=2)
    print(text)


def _report(report: BuildReport) -> None:
    from askscwru.screen import safe

    for skipped in report.skipped:
        print(f"skipped {safe(skipped.name)}: {safe(skipped.reason)}", file=sys.stderr)
    if not report.changed:
        print(f"Up to date: {report.posts} posts in {report.passages} passages.")
        return
    print(
        f"Indexed {report.posts} posts in {report.passages} passages from {report.sources} sources "
        f"({len(report.new)} new, {len(report.updated)} changed, {len(report.gone)} gone) "
        f"in {report.seconds:.1f} s."
    )


@contextmanager
def _progress() -> Iterator[Progress]:
    """A progress bar on standard error that appears with the first stage and goes when done."""
    from askscwru.screen import console

    bar: Any = None
    tasks: dict[str, Any] = {}

    def tell(stage: str, done: int, total: int) -> None:
        nonlocal bar
        if bar is None:
            from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

            columns = (
                TextColumn("{task.description:>8}"),
                BarColumn(),
                TextColumn("{task.percentage:>3.0f} %"),
            )
            shown = console(stderr=True)
            bar = Progress(
                *columns,
                TimeRemainingColumn(),
                console=shown,
                transient=True,
                disable=not shown.is_terminal,
            )
            bar.start()
        if stage not in tasks:
            tasks[stage] = bar.add_task(stage, total=total or None)
        bar.update(tasks[stage], completed=done, total=total or None)

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()


def post_dict(post: Post) -> dict[str, Any]:
    """A post as ``askscwru posts --json`` lists it."""
    from askscwru.screen import places

    return {
        "post_id": post.id,
        "title": post.title,
        "authors": list(post.authors),
        "blog": post.blog,
        "word_count": post.word_count,
        "known_words": post.known_words,
        "complete": post.complete,
        "published": post.published,
        "url": post.url,
        "source": post.source,
        "start": post.start,
        "end": post.end,
        "sources": places(post),
        "also_in": [
            {"source": p.source, "start": p.start, "end": p.end, "complete": p.complete}
            for p in post.also_in
        ],
    }
