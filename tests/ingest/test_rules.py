"""The rules that lie as data: each matches its examples, spares the others, and is well made."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from askscwru.errors import InternalError
from askscwru.ingest.text import bylines, furniture
from askscwru.rules import FOLDER, Rule, RuleFile, read_rules, rule_file
from askscwru.settings import Settings

PARTS = {**furniture.PARTS, **bylines.PARTS}
FILES = sorted(path.stem for path in FOLDER.glob("*.toml"))
RULES = [
    pytest.param(name, rule, id=f"{name}-{rule.group}-{at}".replace(" ", "_"))
    for name in FILES
    for at, rule in enumerate(rule_file(name).rules, start=1)
]


def matches(file: RuleFile, rule: Rule, text: str) -> bool:
    return file.check(rule, PARTS).fullmatch(text) is not None


@pytest.mark.parametrize(("name", "rule"), RULES)
def test_a_rule_matches_what_it_says_and_spares_what_looks_alike(name: str, rule: Rule) -> None:
    file = rule_file(name)
    for text in rule.fits:
        assert matches(file, rule, text), f"{rule.what}: does not match {text!r}"
    for text in rule.spares:
        assert not matches(file, rule, text), f"{rule.what}: matches {text!r}"


@pytest.mark.parametrize("name", FILES)
def test_no_rule_of_a_group_is_written_twice(name: str) -> None:
    rules = [(rule.group, rule.pattern) for rule in rule_file(name).rules]
    assert len(rules) == len(set(rules))


GOOD = """
what = "Lines"
[[rule]]
group = "greeting"
what = "a greeting"
pattern = 'hello {who}'
fits = "hello Ann"
spares = "hello"
[[rule]]
group = "who"
what = "who is greeted"
words = "Ann Bo"
fits = ["Ann", "Bo"]
spares = "ann"
"""


def written(folder: Path, text: str) -> Path:
    path = folder / "lines.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_name_in_braces_stands_for_the_rules_of_that_group(tmp_path: Path) -> None:
    file = read_rules(written(tmp_path, GOOD))
    assert file.compiled("greeting").match("hello Bo")
    assert not file.compiled("greeting").match("hello Cy")
    assert file.words("who") == ("Ann", "Bo")


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("fits = \"hello Ann\"", "", "rule 1 (a greeting): it has no “fits”"),
        ("spares = \"hello\"", "", "rule 1 (a greeting): it has no “spares”"),
        ("spares = \"ann\"", "spares = 3", "rule 2 (who is greeted): 3 is no text"),
        ("words = \"Ann Bo\"", "words = \"Ann Ann\"", "(who is greeted): “Ann” stands in it"),
        ("words = \"Ann Bo\"", "", "rule 2 (who is greeted): it needs a pattern or words"),
        ("words = \"Ann Bo\"", "words = \"Ann\"\nnote = \"\"", "rule 2 (who is greeted): “note”"),
        ("what = \"Lines\"", "title = \"Lines\"", "“title” is not known"),
        ("what = \"Lines\"", "", "says not what it holds"),
        ("[[rule]]\ngroup = \"who\"", "[[rule]", "cannot be read"),
    ],
)  # fmt: skip
def test_a_broken_file_of_rules_is_named_with_its_rule(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    path = written(tmp_path, GOOD.replace(old, new, 1))
    with pytest.raises(InternalError) as caught:
        read_rules(path)
    assert "lines.toml" in str(caught.value)
    assert told in str(caught.value)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("hello {who}", "hello (", "a greeting: its pattern is none"),
        ("hello {who}", "hello {whom}", "a greeting: {whom} stands for nothing"),
        ("hello {who}", "hello {greeting}", "a greeting: {greeting} stands for nothing"),
    ],
)
def test_a_pattern_that_is_none_is_named_with_its_file(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    file = read_rules(written(tmp_path, GOOD.replace(old, new, 1)))
    with pytest.raises(InternalError, match=re.escape(told)) as caught:
        file.compiled("greeting")
    assert "lines.toml" in str(caught.value)


def test_a_group_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match="no rules of the group “farewell”"):
        read_rules(written(tmp_path, GOOD)).compiled("farewell")


def test_a_folder_without_the_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InternalError, match=r"lines\.toml cannot be read"):
        read_rules(tmp_path / "lines.toml")


def test_a_question_on_a_built_index_reads_no_rule(settings: Settings) -> None:
    where = f"seeds={str(settings.seeds)!r}, embeddings={str(settings.embeddings)!r}"
    code = (
        "from askscwru import Assistant; from askscwru.settings import Settings;"
        "from askscwru.rules import rule_file;"
        f"a = Assistant.load(Settings({where}));"
        "a.ask('How many people use Shared Lives?');"
        "print(rule_file.cache_info().misses)"
    )
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert shown.stdout.strip() == "0"
