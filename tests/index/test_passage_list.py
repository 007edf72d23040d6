"""The passages of a build, kept on the disk."""

from __future__ import annotations

from pathlib import Path

import pytest

from askscwru.errors import StorageError
from askscwru.index.passage_list import PassageList
from askscwru.types import BlockKind, Passage, Sentence


def passage(number: int) -> Passage:
    return Passage(
        id=f"{number:012x}",
        post_id="post",
        source="café.md",
        start=0,
        end=4,
        text="half a pair \ud800",
        context="",
        sentences=(Sentence(0, 4, BlockKind.BODY),) * (number % 3),
    )


def test_passages_come_back_in_their_order_and_leave_no_file(tmp_path: Path) -> None:
    made = [passage(number) for number in range(7)]
    with PassageList(tmp_path) as passages:
        passages.extend(made[:3])
        assert passages[1] == made[1]
        passages.extend(made[3:])
        assert list(passages) == made
        assert passages[2:5] == made[2:5]
        assert passages[5:99] == made[5:]
        assert passages[-1] == made[-1]
        assert (len(passages), passages.sentences) == (7, 6)
        with pytest.raises(IndexError):
            passages[7]
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(StorageError):
        PassageList(tmp_path / "none")
