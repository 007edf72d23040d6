"""What a worker does of a build, without one: what it finds and refuses, how pieces are made."""

from __future__ import annotations

import hashlib
import zipfile
from dataclasses import replace
from pathlib import Path

import pytest
from pydantic import ValidationError

from askscwru.cli import WRONG_USE, main
from askscwru.commands import doctor
from askscwru.errors import ClusterError
from askscwru.index.ahead import EncoderPlace, Pile, SentFile, batched, encoder_at, read_pile
from askscwru.index.cache import VectorCache
from askscwru.index.encoder import Encoder
from askscwru.ingest import DocumentCache, SourceFile
from askscwru.ingest.document_cache import packed
from askscwru.ingest.formats.substack import table_beside
from askscwru.ingest.manifest import SeedsManifest
from askscwru.ingest.readers import Readers
from askscwru.settings import PACKAGED_WEIGHTS, Settings

READERS = Readers(SeedsManifest())
PAGE = "<html><title>The weir</title><article><h1>The weir</h1><p>It was closed.</p></article>"
TABLE = "post_id,post_date,is_published,type,title\n17.weir,2020-01-01,true,newsletter,The weir\n"


def sent(path: Path, *, archive: bool = False) -> SentFile:
    """The file as the one who builds finds it."""
    data = path.read_bytes()
    file = SourceFile(path.name, path, hashlib.sha256(data).hexdigest())
    beside = table_beside(path) is not None
    return SentFile(file, b"" if archive else data, READERS.kept_as(file), beside)


def test_a_file_is_read_from_its_bytes_where_its_path_leads_nowhere(tmp_path: Path) -> None:
    path = tmp_path / "weir.html"
    path.write_text(PAGE)
    given = sent(path)
    here = packed(READERS.read(given.file, given.data))
    path.unlink()
    assert read_pile(Pile(READERS, (given,))) == [here]


def test_an_archive_is_read_only_where_it_is_the_same(tmp_path: Path) -> None:
    path = tmp_path / "site.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weir.html", PAGE)
    given = sent(path, archive=True)
    assert read_pile(Pile(READERS, (given,))) == [packed(READERS.read(given.file, b""))]
    path.write_bytes(path.read_bytes() + b" ")
    assert read_pile(Pile(READERS, (given,))) == [None]
    path.unlink()
    assert read_pile(Pile(READERS, (given,))) == [None]


@pytest.mark.parametrize("row", ["17.weir", "18.other"])
def test_a_page_with_a_table_beside_it_is_not_read_without_the_table(
    tmp_path: Path, row: str
) -> None:
    folder = tmp_path / "posts"
    folder.mkdir()
    path = folder / "17.weir.html"
    path.write_text(PAGE)
    (tmp_path / "posts.csv").write_text(TABLE.replace("17.weir", row))
    given = sent(path)
    assert given.beside_table
    assert read_pile(Pile(READERS, (given,))) == [packed(READERS.read(given.file, given.data))]
    (tmp_path / "posts.csv").unlink()
    assert read_pile(Pile(READERS, (given,))) == [None]


def test_a_page_with_authors_beside_it_is_not_read_without_them(tmp_path: Path) -> None:
    path = tmp_path / "weir.md"
    path.write_text("---\ntitle: The weir\nauthor: ida\n---\nIt was closed.\n")
    (tmp_path / "authors.yml").write_text("ida:\n  name: Ida Marsh\n")
    given = sent(path)
    assert given.kept_as
    assert read_pile(Pile(READERS, (given,))) != [None]
    (tmp_path / "authors.yml").write_text("ida:\n  name: Ida Moor\n")
    assert read_pile(Pile(READERS, (given,))) == [None]


def test_what_was_read_elsewhere_is_kept_as_what_is_read_here(tmp_path: Path) -> None:
    path = tmp_path / "weir.html"
    path.write_text(PAGE)
    given = sent(path)
    read = READERS.read(given.file, given.data)
    cache = DocumentCache(tmp_path / "documents.db", "code")
    assert not cache.has(given.file, given.kept_as)
    (kept,) = read_pile(Pile(READERS, (given,)))
    assert kept is not None
    cache.put_packed(given.file, given.kept_as, kept)
    assert cache.has(given.file, given.kept_as)
    assert cache.get(given.file, given.kept_as) == read
    cache.prune()
    assert cache.has(given.file, given.kept_as)
    cache.close()


def test_texts_are_asked_for_once_and_vectors_counted_as_made(
    tmp_path: Path, fake_encoder: Encoder
) -> None:
    cache = VectorCache(tmp_path / "vectors.db", "fake", fake_encoder.dimension)
    missing = cache.missing(["a mill", "a weir", "a mill"])
    assert list(missing.values()) == ["a mill", "a weir"]
    made = fake_encoder.encode(list(missing.values()))
    cache.put(dict(zip(missing, made, strict=True)))
    assert list(cache.missing(["a weir", "a lock"]).values()) == ["a lock"]
    assert cache.encoded == 2
    found = cache.vectors(["a mill", "a weir"], lambda _: pytest.fail("made again"))
    assert (found == made).all()
    assert cache.reused == 0
    cache.close()


def test_a_worker_without_the_model_says_where_it_looked(
    fake_model: Path, fake_encoder: Encoder
) -> None:
    place = EncoderPlace.of(fake_encoder)
    assert encoder_at(place).kept_as == fake_encoder.kept_as
    with pytest.raises(ClusterError, match="/nowhere") as raised:
        encoder_at(EncoderPlace(Path("/nowhere"), place.kept_as))
    assert "under the same path" in raised.value.remedy
    with pytest.raises(ClusterError, match="another model"):
        encoder_at(replace(place, kept_as="another"))


def test_the_packaged_model_is_found_where_a_worker_has_it() -> None:
    here = Encoder.for_building(PACKAGED_WEIGHTS, threads=1)
    place = EncoderPlace.of(here)
    assert place.folder is None
    text = ["The mill grinds forty sacks a day."]
    assert (encoder_at(place).encode(text) == here.encode(text)).all()


def test_batches_are_bounded_in_number_and_weight() -> None:
    assert list(batched([3, 3, 3, 9, 1, 1, 1, 1], 3, 6, int)) == [
        [3, 3], [3], [9], [1, 1, 1], [1]
    ]  # fmt: skip
    assert list(batched([], 3, 6, int)) == []


# ---- the setting ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address", ["local", "auto", "ray://head.example.org:10001", "10.0.0.5:6379", "[::1]:6379"]
)
def test_addresses_of_clusters_are_taken(address: str) -> None:
    assert Settings(ray=address).ray == address


@pytest.mark.parametrize("address", ["export.xml", "http://head:8265", "head", "ray://head", "a:b"])
def test_what_is_no_address_of_a_cluster_is_refused(address: str) -> None:
    with pytest.raises(ValidationError, match="give local, auto, ray://HOST:10001 or HOST:6379"):
        Settings(ray=address)


def test_no_address_is_this_process_alone() -> None:
    assert Settings(ray="").ray is None


def test_the_command_names_what_it_cannot_take(
    fake_settings: Settings, capsys: pytest.CaptureFixture[str]
) -> None:
    folders = [f"--{name}={getattr(fake_settings, name)}" for name in ("seeds", "embeddings")]
    assert main(["index", "--ray", "export.xml", *folders]) == WRONG_USE
    assert "ASKSCWRU_RAY is 'export.xml'" in capsys.readouterr().err
    assert main(["index", "--ray-workers", "0", *folders]) == WRONG_USE
    assert "ASKSCWRU_RAY_WORKERS is 0" in capsys.readouterr().err


def test_doctor_says_nothing_of_ray_where_it_is_not_set(fake_settings: Settings) -> None:
    assert list(doctor._ray(fake_settings)) == []
