"""What the help of each command says beside its options: examples, and exit codes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

Example = tuple[str, str]
"""A command, and what it is for."""

EXIT_CODES: Mapping[int, str] = {
    0: "done, or answered",
    1: "a failure",
    2: "wrong use",
    3: "the posts do not say",
    4: "a figure is below its floor",
    130: "stopped by Ctrl-C",
}
_USUAL = (0, 1, 2, 130)
_CODES: Mapping[str, Sequence[int]] = {"ask": (0, 1, 2, 3, 130), "eval": (0, 1, 2, 4, 130)}

EXAMPLES: Mapping[str, Sequence[Example]] = {
    "": (
        ("askscwru", "ask, read and follow up on the full screen"),
        ("askscwru --plain", "the same a line at a time; `:help` there says how"),
        ('askscwru ask "How many people use Shared Lives?"', "one answer"),
        ("askscwru index export.xml", "your own posts instead of the packaged ones"),
    ),
    "ask": (
        ("askscwru ask How many people use Shared Lives?", "quotation marks are not needed"),
        ('askscwru ask --keep "Who does Edward live with?"', "begins a conversation"),
        ('askscwru ask --conversation last "how old is he?"', "goes on with it"),
        ("askscwru ask --after 2014 --sort date What changed?", "only later posts, newest first"),
        ("askscwru ask --json - < question.txt", "from standard input, for a program"),
    ),
    "index": (
        ("askscwru index", "what is out of date, and only that"),
        ("askscwru index export.xml ~/old-site", "adds an export and a saved site"),
        ("askscwru index --dry-run", "what would change"),
        ("askscwru index --forget-missing", "lets go of the posts of a disk that is gone for good"),
    ),
    "sources": (
        ("askscwru sources", "what is read, and how many posts came of it"),
        ("askscwru sources remove old-site", "takes it off the list; `index` does the rest"),
        ("askscwru sources add seeds", "brings the packaged pages back"),
    ),
    "posts": (
        ("askscwru posts", "title, authors, words, sources"),
        ("askscwru posts --json", "every fact, for a program"),
    ),
    "conversations": (
        ("askscwru conversations", "newest first"),
        ("askscwru conversations show last", "one with its answers"),
        ("askscwru conversations search direct payments", "those that hold all these words"),
        ("askscwru conversations delete 3f9c", "`restore 3f9c` brings it back"),
    ),
    "eval": (
        ("askscwru eval", "the two sets in eval/ of a checkout"),
        ("askscwru eval mine.jsonl --html report.html", "a set of your own, with a page"),
    ),
    "serve": (
        ("askscwru serve", "http://127.0.0.1:8000, with its manual at /docs"),
        ("askscwru serve --port 9000 --workers 2", "another port, two processes"),
    ),
    "token": (
        ("askscwru token add laptop", "prints a new token, once"),
        ("askscwru token remove laptop", "refuses it from now on"),
    ),
    "mcp": (("askscwru mcp", "an MCP client starts this itself"),),
    "doctor": (("askscwru doctor", "each fault with the command that mends it"),),
    "completion": (
        ("askscwru completion bash >> ~/.bashrc", "bash"),
        ("askscwru completion zsh >> ~/.zshrc", "zsh, after its compinit"),
        ("askscwru completion fish > ~/.config/fish/completions/askscwru.fish", "fish"),
    ),
}


def epilog(command: str) -> str:
    """The end of a command's help; of the program's own for an empty name."""
    lines = ["examples:"]
    for typed, purpose in EXAMPLES[command]:
        lines += [f"  {typed}", f"      {purpose}"]
    codes = _CODES.get(command, _USUAL if command else tuple(EXIT_CODES))
    return "\n".join([*lines, "", "exit codes:", *(f"  {n:<4} {EXIT_CODES[n]}" for n in codes)])
