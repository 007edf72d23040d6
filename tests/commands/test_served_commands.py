"""The commands over an index that a Milvus server holds, and what doctor finds there."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import pytest

from askscwru import extras
from askscwru.addresses import MilvusAddress
from askscwru.assistant import no_progress
from askscwru.cli import ANSWERED, FAILED, WRONG_USE, main
from askscwru.commands import doctor
from askscwru.commands.doctor import Finding, examine
from askscwru.index.build import build
from askscwru.settings import Settings
from databases import free_port
from milvuses import LiteProcess

pytestmark = pytest.mark.skipif(
    find_spec("pymilvus") is None,
    reason="pymilvus is not installed: pip install 'askscwru[milvus]' milvus-lite",
)
PAGE = """A page of its own

Posted by Ada Byron

The zebra crossing in Nether Wallop was painted green in 1973 by the parish council. Nobody has
said why it was green, and the council keeps no record of the paint.
"""


def found(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> list[Finding]:
    """What doctor finds of the index."""
    for other in ("_seeds", "_reader", "_conversations"):  # not what is looked at here
        monkeypatch.setattr(doctor, other, lambda *_: iter(()))
    monkeypatch.setattr(doctor, "_torch", lambda _: Finding("torch", True, "not tried here"))
    findings = examine(settings)
    assert "s3cret" not in f"{findings}"
    return [finding for finding in findings if finding.name == "index"]


def at(settings: Settings, address: MilvusAddress | str) -> Settings:
    return settings.model_copy(update={"index": MilvusAddress(getattr(address, "whole", address))})


def test_doctor_counts_what_a_server_holds(
    small: Settings, lite_place: MilvusAddress, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = at(small, lite_place)
    build(settings, no_progress)
    (finding,) = found(settings, monkeypatch)
    assert finding.sound
    assert finding.detail.endswith(f"passages, vectors in {lite_place}")


@pytest.mark.parametrize("fault", ["server", "database", "extra", "empty", "behind"])
def test_doctor_names_what_keeps_it_out_and_the_command_that_mends_it(
    fault: str,
    small: Settings,
    lite: LiteProcess,
    lite_place: MilvusAddress,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    settings = at(small, lite_place)
    said, remedy = "there is no index", "Run `askscwru index`."
    if fault == "server":
        port = free_port()
        settings = at(small, f"http://ada:s3cret@127.0.0.1:{port}")
        said = "no connection to its server"
        remedy = (
            "docker compose -f deploy/compose.yaml up --detach milvus, or whatever runs the server "
            f"at 127.0.0.1:{port}"
        )
    elif fault == "database":
        settings = at(small, f"{lite.address}/nowhere")
        said = "no database 'nowhere'"
        made = f"MilvusClient('{lite.address}').create_database('nowhere')"
        remedy = f'Make it: python -c "from pymilvus import MilvusClient; {made}"'
    elif fault == "extra":
        said, remedy = "pymilvus is not installed", "pip install 'askscwru[milvus]'"
    elif fault == "behind":
        build(settings, no_progress)
        build(small, no_progress, force=True)
        said, remedy = "has been built here since", "askscwru index"
    with monkeypatch.context() as patched:
        if fault == "extra":
            patched.setattr(extras, "find_spec", lambda _: None)
        finding = next(one for one in found(settings, patched) if not one.sound)
    assert said in finding.detail.replace("There", "there")
    assert finding.remedy == remedy


def test_asking_without_the_server_says_so_and_fails(
    small: Settings, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    port = free_port()
    _environment(monkeypatch, small, f"http://ada:s3cret@127.0.0.1:{port}/posts")
    assert main(["ask", "What is personalisation?"]) == FAILED
    said = capsys.readouterr().err
    assert f"The index in http://ada@127.0.0.1:{port}/posts cannot be used" in said
    assert "`askscwru doctor` says why" in said
    assert "s3cret" not in said


def test_a_build_while_the_server_is_away_is_given_to_it_later(
    small: Settings,
    lite: LiteProcess,
    lite_place: MilvusAddress,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    build(at(small, lite_place), no_progress)
    _environment(monkeypatch, small, lite_place.whole)
    (small.seeds / "new.txt").write_text(PAGE)
    lite.kill()
    try:
        assert main(["index"]) == FAILED
        assert "cannot be used" in capsys.readouterr().err
    finally:
        lite.start()
    assert main(["index"]) == ANSWERED
    capsys.readouterr()
    assert main(["ask", "--json", "What colour was the zebra crossing painted?"]) in (ANSWERED, 3)
    assert "painted green in 1973" in capsys.readouterr().out


def _environment(monkeypatch: pytest.MonkeyPatch, settings: Settings, address: str) -> None:
    monkeypatch.setenv("ASKSCWRU_SEEDS", str(settings.seeds))
    monkeypatch.setenv("ASKSCWRU_EMBEDDINGS", str(settings.embeddings))
    monkeypatch.setenv("ASKSCWRU_MODEL", settings.model)
    monkeypatch.setenv("ASKSCWRU_INDEX", address)


def test_an_address_that_is_none_is_refused(
    small: Settings,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    for wrong in ("milvus:19530", "ada:s3cret@host:19530", "http://", "ftp://ada:s3cret@host"):
        _environment(monkeypatch, small, wrong)
        assert main(["posts"]) == WRONG_USE
        said = capsys.readouterr().err
        assert "ASKSCWRU_INDEX is" in said
        assert "http://host:19530" in said
        assert "s3cret" not in said
