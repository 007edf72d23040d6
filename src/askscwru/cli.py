"""The commands; the composition root.

Exit codes: 0 done or answered, 1 failure, 2 wrong use, 3 abstained, 4 a figure is
below its floor, 130 stopped by Ctrl-C.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from copy import copy
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from askscwru import __version__
from askscwru.commands.words import EXAMPLES, epilog
from askscwru.errors import AskscwruError, QuestionError, UsageError
from askscwru.show import output

if TYPE_CHECKING:
    from askscwru.assistant import Assistant
    from askscwru.conversation.keeping import ConversationStore
    from askscwru.ingest.roots import SourceList
    from askscwru.settings import Settings
    from askscwru.types import Answer, Progress

ANSWERED, FAILED, WRONG_USE, ABSTAINED, STOPPED = 0, 1, 2, 3, 130
_LONGEST_INPUT = 1_000_000
Record = TypeVar("Record")


def main(arguments: Sequence[str] | None = None) -> int:
    """Runs one command and returns its exit code; whatever fails, nobody sees a traceback."""
    output.accept_any_text()
    try:
        code = _run(arguments)
    except SystemExit as end:  # argparse has said what it had to
        code = end.code if isinstance(end.code, int) else FAILED
    refused = output.flush()
    return code if refused is None else _unwritten(refused)


def _run(arguments: Sequence[str] | None) -> int:
    try:
        options = _parsed(arguments)
        run: Callable[[argparse.Namespace], int] = options.run
        return run(options)
    except AskscwruError as error:
        _complain(error)
        return WRONG_USE if isinstance(error, UsageError) else FAILED
    except KeyboardInterrupt:
        return STOPPED
    except Exception as error:  # the last guard: whatever it is, it ends in one line
        refused = output.refusal(error)
        if refused is not None:
            return _unwritten(refused)
        _complain(output.log_fault(error))
        return FAILED


def _unwritten(refused: OSError) -> int:
    """What was to be printed could not be; a reader that has gone knows that itself."""
    if not isinstance(refused, BrokenPipeError):
        _complain(f"The output cannot be written: {refused.strerror}.")
    return FAILED


def _complain(said: AskscwruError | str) -> None:
    from askscwru.show.screen import safe

    with suppress(OSError):  # there may be nowhere to complain
        print(f"askscwru: {safe(str(said))}", file=sys.stderr, flush=True)


# -- arguments -------------------------------------------------------------------------------------


def _parsed(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; a shell that completes a line gets its words instead, and this does not return.

    Words of a question may stand on both sides of an option: argparse leaves the later ones over.
    """
    parser = _parser()
    if "_ARGCOMPLETE" in os.environ:
        import argcomplete

        argcomplete.autocomplete(parser)
    options, left = parser.parse_known_args(arguments)
    if left and (options.run is not _ask or any(word.startswith("-") for word in left)):
        parser.error(f"unrecognized arguments: {' '.join(left)}")
    if left:
        options.question += left
    return options


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--seeds",
        metavar="DIR",
        help="folder of saved pages (./seeds where there is one, else the packaged pages)",
    )
    common.add_argument(
        "--embeddings",
        metavar="DIR",
        help="folder of the index (./embeddings beside pages of one's own, else the platform's"
        " folder for data)",
    )
    parser = argparse.ArgumentParser(
        prog="askscwru",
        description="Ask blog posts, and get their own words back: verbatim, cited, offline.",
        parents=[common],
        epilog=epilog(""),
        formatter_class=argparse.RawDescriptionHelpFormatter,
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
    _index_arguments(
        _command(commands, common, "index", _index, "build what is out of date of the index")
    )
    _sources_arguments(_command(commands, common, "sources", _sources, "list what is read"))
    posts = _command(commands, common, "posts", _posts, "list the posts")
    posts.add_argument("--json", action="store_true", help="print JSON")
    _conversation_arguments(
        _command(commands, common, "conversations", _conversations, "list what was asked before"),
        common,
    )
    _eval_arguments(
        _command(commands, common, "eval", _eval, "run question-and-answer sets, print the table")
    )
    _serve_arguments(_command(commands, common, "serve", _serve, "answer over HTTP"))
    _token_arguments(_command(commands, common, "token", _token, "who may use the HTTP service"))
    _command(
        commands, common, "mcp", _mcp, "answer programs over MCP, on standard input and output"
    )
    _command(commands, common, "doctor", _doctor, "look for faults and say what mends them")
    completion = _command(
        commands, common, "completion", _completion, "print what lets a shell complete commands"
    )
    completion.add_argument("shell", choices=("bash", "zsh", "fish"), help="which shell")
    return parser


def _command(
    commands: Any,
    common: argparse.ArgumentParser,
    name: str,
    run: Callable[[argparse.Namespace], int],
    summary: str,
) -> argparse.ArgumentParser:
    # The options after the command win over those before it only where they are given.
    local = argparse.ArgumentParser(add_help=False)
    for action in common._actions:
        own = copy(action)
        own.default = argparse.SUPPRESS
        local._add_action(own)
    command: argparse.ArgumentParser = commands.add_parser(
        name,
        parents=[local],
        help=summary,
        description=summary[0].upper() + summary[1:] + ".",
        epilog=epilog(name) if name in EXAMPLES else None,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    command.set_defaults(run=run)
    return command


def _ask_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "question", metavar="QUESTION", nargs="+", help="what to ask; - reads standard input"
    )
    command.add_argument(
        "--keep", action="store_true", help="keep it as a conversation that can be gone on with"
    )
    command.add_argument("--json", action="store_true", help="print the answer as JSON")
    command.add_argument(
        "--conversation",
        metavar="ID",
        help="go on from the earlier turns of this conversation; `last` for the newest one",
    )
    command.add_argument("--top-k", type=int, metavar="N", help="how many passages to show (5)")
    command.add_argument("--author", metavar="NAME", help="only posts by this author")
    command.add_argument("--source", metavar="FILE", help="only posts from this source")
    command.add_argument("--post", metavar="ID", help="only this post")
    command.add_argument("--blog", metavar="NAME", help="only posts of this blog")
    command.add_argument("--category", metavar="NAME", help="only posts in this category")
    command.add_argument("--tag", metavar="NAME", help="only posts with this tag")
    command.add_argument("--after", metavar="DATE", help="only posts published then or later")
    command.add_argument("--before", metavar="DATE", help="only posts published before then")
    command.add_argument(
        "--sort", choices=("relevance", "date"), default="relevance", help="date: newest first"
    )
    command.add_argument(
        "--style",
        metavar="STYLE",
        help="print the references too, as plain, apa, harvard, bibtex, ris or csl-json;"
        " with --json it is the style of each `reference`",
    )


def _index_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "paths",
        metavar="PATH",
        nargs="*",
        type=Path,
        help="first add this to the list of sources: an export, a feed, a saved page or document,"
        " a folder or an archive of them",
    )
    command.add_argument("--force", action="store_true", help="build it even when nothing changed")
    command.add_argument(
        "--forget-missing",
        action="store_true",
        help="let go of the posts of what is not there any more; they are kept otherwise",
    )
    command.add_argument("--dry-run", action="store_true", help="say what would be done")
    command.add_argument(
        "--watch", action="store_true", help="go on, and index again whenever a file changes"
    )
    command.add_argument(
        "--ray",
        metavar="ADDRESS",
        help="build with Ray: local, auto (the cluster that runs here), ray://HOST:10001 or"
        " HOST:6379",
    )
    command.add_argument(
        "--ray-workers", metavar="N", type=int, help="processes of it that work at a time (all)"
    )


def _sources_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "action", nargs="?", choices=("show", "add", "remove"), default="show", help="(show)"
    )
    command.add_argument("paths", metavar="PATH", nargs="*", help="what to add or remove")
    command.add_argument("--json", action="store_true", help="print JSON")


def _conversation_arguments(
    command: argparse.ArgumentParser, common: argparse.ArgumentParser
) -> None:
    from askscwru.commands.conversation_arguments import add_actions

    actions = command.add_subparsers(title="actions", metavar="ACTION")
    add_actions(
        command, lambda name, summary: _command(actions, common, name, _conversations, summary)
    )


def _eval_arguments(command: argparse.ArgumentParser) -> None:
    add = command.add_argument
    add("sets", metavar="SET", nargs="*", type=Path, help="a set (default: those in eval/)")
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
    add("--data", metavar="DIR", type=Path, help="where corpora lie that eval/ does not hold")
    add("--work", metavar="DIR", type=Path, help="keep the indexes of outside sets there")
    add("--write-floors", action="store_true", help="write eval/floors.toml from this run")


def _serve_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("--host", metavar="ADDRESS", help="where to listen (127.0.0.1)")
    command.add_argument("--port", metavar="N", type=int, help="the port (8000)")
    command.add_argument("--workers", metavar="N", type=int, help="processes that answer (1)")


def _token_arguments(command: argparse.ArgumentParser) -> None:
    command.add_argument("action", choices=("add", "list", "remove"), help="what to do")
    command.add_argument("name", metavar="NAME", nargs="?", help="of the token")


def _settings(options: argparse.Namespace) -> Settings:
    from askscwru.settings import Settings

    return _validated(Settings, options, ("seeds", "embeddings", "ray", "ray_workers"))


def _validated(kind: type[Record], options: argparse.Namespace, names: Sequence[str]) -> Record:
    """A record of settings: options first, then the environment."""
    from pydantic import ValidationError
    from pydantic_settings import SettingsError

    from askscwru.addresses import hidden

    given = {name: getattr(options, name, None) for name in names}
    try:
        return kind(**{name: value for name, value in given.items() if value not in (None, "")})
    except ValidationError as error:
        fault = error.errors()[0]
        name = "ASKSCWRU_" + "_".join(map(str, fault["loc"])).upper()
        refused = fault["input"]
        shown = hidden(refused) if isinstance(refused, str) else refused
        raise UsageError(f"{name} is {shown!r}: {fault['msg']}.") from error
    except SettingsError as error:
        raise UsageError(f"{error}.", remedy='Lists are written as JSON: ["one"].') from error


# -- commands --------------------------------------------------------------------------------------


def _ask(options: argparse.Namespace) -> int:
    from dataclasses import fields

    from askscwru.assistant import plain_question
    from askscwru.conversation.opening import open_store
    from askscwru.conversation.store import Store
    from askscwru.show.references import check_style
    from askscwru.types import Filters, Kind, Query

    check_style(options.style or "plain")
    filters = Filters(**{field.name: getattr(options, field.name) for field in fields(Filters)})
    settings = _settings(options)
    question = plain_question(_question(options.question), settings.max_question)
    kept = options.keep or options.conversation is not None
    store = open_store(settings) if kept else Store.in_memory()
    known = _conversation(settings, options.conversation)  # before an index is built for nothing
    with _assistant(settings, store) as assistant:
        answer = assistant.ask(
            Query(question, options.top_k, filters, options.sort),
            conversation_id=known,
        )
    _show(answer, kept=kept, as_json=options.json, style=options.style)
    if kept and known is None and not (options.json or answer.notes):
        hint = f'askscwru ask --conversation {answer.conversation_id} "…"'
        print(f"Go on with: {hint}", file=sys.stderr)
    return ABSTAINED if answer.kind is Kind.ABSTENTION else ANSWERED


def _question(words: Sequence[str]) -> str:
    """The words as one question, or what standard input says where they are ``-``."""
    if list(words) != ["-"]:
        return " ".join(words)
    try:
        return sys.stdin.read(_LONGEST_INPUT)
    except UnicodeDecodeError as error:
        raise QuestionError(
            "Standard input is not text in this system's encoding.",
            remedy="Save it as UTF-8, and set PYTHONIOENCODING=utf-8.",
            param="question",
        ) from error


def _conversation(settings: Settings, named: str | None) -> str | None:
    from askscwru.commands.conversations import chosen
    from askscwru.conversation.opening import existing_store

    if named is None:
        return None
    store = existing_store(settings)
    try:
        return chosen(store, named)
    finally:
        store.close()


def _open(options: argparse.Namespace) -> int:
    """The full screen where there is one, and a line prompt in a pipe."""
    if options.plain or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _converse(options)
    from askscwru.tui.command import run

    return run(lambda: _settings(options))


def _converse(options: argparse.Namespace) -> int:
    """Holds a conversation, one question a line, until an empty line or the end of the input."""
    from askscwru.commands.prompt import LinePrompt
    from askscwru.conversation.opening import open_store
    from askscwru.show.screen import put

    settings, person = _settings(options), sys.stdin.isatty()
    with _assistant(settings, open_store(settings)) as assistant:
        prompt = LinePrompt(assistant)
        if person:
            print("Ask the posts. An empty line ends; :help says more.", file=sys.stderr)
        for line in _typed("? " if person else ""):
            try:
                put(prompt.respond(line))
            except UsageError as error:
                _complain(error)
            if prompt.ended:
                break
            print()
    return ANSWERED


def _typed(sign: str) -> Iterator[str]:
    while True:
        try:
            line = input(sign)
        except EOFError:
            return
        if not line.strip():
            return
        yield line


def _index(options: argparse.Namespace) -> int:
    from askscwru.index.sources import forecast, index_paths
    from askscwru.ingest import read_list
    from askscwru.show.screen import forecast_view, put, report_view

    settings, forget = _settings(options), options.forget_missing
    before = read_list(settings)
    try:
        with _progress() as progress:
            if options.dry_run:
                told = forecast_view(
                    forecast(settings, options.paths, progress, forget_missing=forget)
                )
            else:
                told = report_view(
                    index_paths(
                        settings,
                        options.paths,
                        progress,
                        force=options.force,
                        forget_missing=forget,
                    )
                )
    except KeyboardInterrupt:
        print(
            "askscwru: Stopped. What was read and encoded is kept: run it again to go on.",
            file=sys.stderr,
        )
        return STOPPED
    put(told, wrap=False)
    _tell_of_examples(settings, before)
    return _watch(settings) if options.watch and not options.dry_run else ANSWERED


def _tell_of_examples(settings: Settings, before: SourceList) -> None:
    from askscwru.ingest import read_list

    if before.seeds and not read_list(settings).seeds:
        print(
            "The pages that came with askscwru are not read any more, now that yours are;"
            " `askscwru sources add seeds` brings them back.",
            file=sys.stderr,
        )


def _watch(settings: Settings) -> int:
    from askscwru.index.sources import watch
    from askscwru.show.screen import put, report_view

    print("Watching for changes; Ctrl-C ends it.", file=sys.stderr)
    try:
        for outcome in watch(settings, lambda *_: None):
            if isinstance(outcome, AskscwruError):
                _complain(outcome)
            elif outcome.changed:
                put(report_view(outcome), wrap=False)
    except KeyboardInterrupt:
        return ANSWERED
    return ANSWERED


def _sources(options: argparse.Namespace) -> int:
    from askscwru.index.sources import add_paths, remove_names, show
    from askscwru.ingest import read_list
    from askscwru.show.screen import put, sources_view

    settings = _settings(options)
    before = read_list(settings)
    if options.action != "show" and not options.paths:
        raise UsageError(f"What is to {options.action}?", remedy="Name a path.", param="path")
    if options.action == "show" and options.paths:
        raise UsageError("`sources show` takes no path.", param="path")
    if options.action == "add":
        add_paths(settings, [Path(path) for path in options.paths])
    elif options.action == "remove":
        remove_names(settings, options.paths)
    listed = show(settings)
    if options.json:
        _print_json([{**asdict(place), "path": str(place.path)} for place in listed])
        return ANSWERED
    put(sources_view(listed))
    if options.action == "add":
        _tell_of_examples(settings, before)
    if options.action != "show":
        print("Run `askscwru index` to bring the index up to date.", file=sys.stderr)
    return ANSWERED


def _posts(options: argparse.Namespace) -> int:
    from askscwru.assistant import open_index
    from askscwru.show.screen import put_posts

    with _progress() as progress:
        index = open_index(_settings(options), progress)
    posts = index.posts()
    index.close()
    if options.json:
        _print_json([post.to_dict() for post in posts])
    else:
        put_posts(posts)
    return ANSWERED


def _eval(options: argparse.Namespace) -> int:
    from dataclasses import fields

    from askscwru.evaluate.command import Options, evaluate
    from askscwru.show.screen import console

    given = {field.name: getattr(options, field.name) for field in fields(Options)}
    given["sets"] = tuple(options.sets)
    given["compare"] = tuple(options.compare) if options.compare else None
    with _progress() as progress:
        return evaluate(Options(**given), _settings(options), console(), progress)


def _conversations(options: argparse.Namespace) -> int:
    from askscwru.commands.conversations import perform
    from askscwru.conversation.opening import existing_store
    from askscwru.show.screen import put

    store = existing_store(_settings(options))
    try:
        view, content = perform(options, store)
    finally:
        store.close()
    if options.json:
        _print_json(content)
    else:
        put(view)
    return ANSWERED


def _doctor(options: argparse.Namespace) -> int:
    from rich.text import Text

    from askscwru.commands.doctor import examine
    from askscwru.show.screen import console, safe

    out = console()
    findings = examine(_settings(options))
    for finding in findings:
        mark = ("ok   ", "green") if finding.sound else ("FAULT", "bold red")
        out.print(Text.assemble(mark, f" {finding.name}: {safe(finding.detail)}"), soft_wrap=True)
        if not finding.sound:
            out.print(Text(f"      mend it: {safe(finding.remedy)}"), soft_wrap=True)
    return ANSWERED if all(finding.sound for finding in findings) else FAILED


def _serve(options: argparse.Namespace) -> int:
    from askscwru.api.config import Serving
    from askscwru.api.serve import serve

    serve(_settings(options), _validated(Serving, options, ("host", "port", "workers")))
    return ANSWERED


def _token(options: argparse.Namespace) -> int:
    from askscwru.api.config import Serving
    from askscwru.api.database_tokens import tokens_of
    from askscwru.api.tokens import manage

    tokens = tokens_of(_settings(options), _validated(Serving, options, ()))
    try:
        lines = manage(tokens, options.action, options.name)
    finally:
        tokens.close()
    for line in lines:
        print(line)
    if options.action == "add":
        print("Keep it: it is not kept here, and cannot be shown again.", file=sys.stderr)
    return ANSWERED


def _completion(options: argparse.Namespace) -> int:
    from argcomplete.shell_integration import shellcode

    print(shellcode(["askscwru"], shell=options.shell))
    return ANSWERED


def _mcp(options: argparse.Namespace) -> int:
    from askscwru.api.stdio import speak

    speak(_settings(options))
    return ANSWERED


# -- shared by the commands ------------------------------------------------------------------------


@contextmanager
def _assistant(settings: Settings, store: ConversationStore) -> Iterator[Assistant]:
    from askscwru.assistant import Assistant

    with _progress() as progress:
        assistant = Assistant.load(settings, store=store, progress=progress)
    try:
        yield assistant
    finally:
        assistant.close()


def _show(answer: Answer, *, kept: bool, as_json: bool, style: str | None = None) -> None:
    from askscwru.show.references import referenced
    from askscwru.show.screen import answer_view, put, safe

    for note in answer.notes:
        print(f"askscwru: {safe(note)}", file=sys.stderr)
    record = referenced(answer.to_dict(), style or "plain")
    if as_json:
        # An id that nothing is kept under would only lead astray.
        _print_json(record if kept else {**record, "conversation_id": None})
        return
    put(answer_view(answer))
    for citation in record["citations"] if style else ():
        lines = citation["reference"].split("\n")
        print("", *(safe(line) for line in lines), sep="\n")


def _print_json(content: Any) -> None:
    # Half a surrogate pair cannot be written as UTF-8, but every reader of JSON takes \ud800.
    text = json.dumps(content, ensure_ascii=False, indent=2)
    try:
        text.encode(sys.stdout.encoding or "utf-8")
    except (UnicodeEncodeError, LookupError):
        text = json.dumps(content, indent=2)
    print(text)


@contextmanager
def _progress() -> Iterator[Progress]:
    """A progress bar on standard error that appears with the first stage and goes when done."""
    from askscwru.show.screen import console

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
                TextColumn("{task.fields[rate]}"),
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
            tasks[stage] = bar.add_task(stage, total=total or None, rate="")
        bar.update(tasks[stage], completed=done, total=total or None)
        speed = next(task.speed for task in bar.tasks if task.id == tasks[stage])
        bar.update(tasks[stage], rate=f"{speed:,.0f} a second" if speed else "")

    try:
        yield tell
    finally:
        if bar is not None:
            bar.stop()
