"""Exports of Blogger, Medium, Substack and Ghost: what is published, and nothing of anybody else."""

# ruff: noqa: E501
from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from askscwru.ingest import Corpus, read_corpus
from askscwru.settings import Settings

WORDS = "The ferry crosses at seven and at nine, and it takes forty people and two cars."
KIND = "http://schemas.google.com/blogger/2008/kind#"


def corpus(folder: Path, **settings: bool) -> Corpus:
    told = Settings(seeds=folder, embeddings=folder / "none", **settings)  # type: ignore[arg-type]
    return read_corpus(told, lambda *_: None)


def facts(read: Corpus) -> list[tuple[str | None, tuple[str, ...], str | None, str | None]]:
    return [(post.title, post.authors, post.published, post.url) for post in read.posts]


def told(read: Corpus) -> str:
    return repr((read.texts, read.posts))


def reasons(read: Corpus) -> str:
    return "; ".join(skip.reason for skip in read.skipped)


def blogger() -> str:
    def entry(kind: str, title: str, text: str, more: str = "") -> str:
        return (
            f"<entry><id>{title}</id><published>2012-05-03T10:00:00Z</published><category term='{KIND}{kind}'"
            f" scheme='http://schemas.google.com/g/2005#kind'/><title>{title}</title><content type='html'>{text}</content>"
            f"<author><name>Bo Marsh</name><email>bo@example.net</email></author>{more}</entry>"
        )

    link = "<link rel='alternate' href='https://ferry.example/a.html'/><category scheme='http://www.blogger.com/atom/ns#' term='boats'/>"
    draft = "<app:control><app:draft>yes</app:draft></app:control>"
    return (
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:app='http://purl.org/atom/app#'><title>Ferry notes</title>"
        + entry("template", "Template", "secret skin")
        + entry("settings", "Administrators", "admin@example.net")
        + entry("post", "The ferry", f"&lt;p&gt;{WORDS}&lt;/p&gt;", link)
        + entry("post", "Not yet", "&lt;p&gt;The unborn plan of the pier.&lt;/p&gt;", draft)
        + entry("comment", "Re", "My aunt lives at the quay.")
        + "</feed>"
    )


def test_of_a_blogger_export_the_published_posts_are_read(tmp_path: Path) -> None:
    (tmp_path / "blog.xml").write_text(blogger())
    read = corpus(tmp_path)
    assert facts(read) == [
        ("The ferry", ("Bo Marsh",), "2012-05-03", "https://ferry.example/a.html")
    ]
    assert (read.posts[0].tags, read.posts[0].blog) == (("boats",), "Ferry notes")
    for secret in ("secret skin", "@example.net", "unborn plan", "My aunt"):
        assert secret not in told(read)
    assert reasons(read) == "1 template; 1 setting; 1 draft (“Not yet”); 1 comment"
    assert len(corpus(tmp_path, unpublished=True).posts) == 2


def test_bloggers_newer_export_is_read_too(tmp_path: Path) -> None:
    def entry(kind: str, status: str, name: str) -> str:
        return (
            f"<entry><id>{name}</id><blogger:type>{kind}</blogger:type><blogger:status>{status}</blogger:status>"
            f"<title>{name}</title><content type='html'>&lt;p&gt;{name}: {WORDS}&lt;/p&gt;</content>"
            f"<blogger:filename>/2012/05/{name}.html</blogger:filename></entry>"
        )

    kinds = [
        ("POST", "LIVE", "one"),
        ("POST", "DRAFT", "two"),
        ("POST", "SOFT_TRASHED", "three"),
        ("COMMENT", "LIVE", "four"),
    ]
    text = "".join(entry(*kind) for kind in kinds)
    (tmp_path / "feed.atom").write_text(
        "<feed xmlns='http://www.w3.org/2005/Atom' xmlns:blogger='http://schemas.google.com/blogger/2018'><title>N</title>"
        f"<link rel='alternate' href='https://ferry.example/'/>{text}</feed>"
    )
    read = corpus(tmp_path)
    assert [(post.title, post.url) for post in read.posts] == [
        ("one", "https://ferry.example/2012/05/one.html")
    ]


def medium(title: str, *, draft: bool = False) -> str:
    day = "" if draft else "<time class='dt-published' datetime='2021-05-05T10:00:00Z'>May 5</time>"
    return (
        f'<html><head><title>{title}</title></head><body><article class="h-entry"><header><h1 class="p-name">{title}</h1>'
        f'</header><section class="p-summary">How we cross.</section><section class="e-content"><h3>{title}</h3><p>{title}: {WORDS}</p>'
        f'</section><footer><p>By <a class="p-author h-card" href="https://medium.com/@bo">Bo Marsh</a> {day}</p>'
        '<p><a class="p-canonical" href="https://medium.com/@bo/x">Canonical link</a></p><p>Exported from'
        ' <a href="https://medium.com">Medium</a> on May 4, 2026.</p></footer></article></body></html>'
    )


def test_of_a_medium_export_the_posts_are_read(tmp_path: Path) -> None:
    (tmp_path / "posts").mkdir()
    (tmp_path / "posts" / "a.html").write_text(medium("The ferry"))
    (tmp_path / "posts" / "draft_b.html").write_text(medium("Not yet", draft=True))
    (tmp_path / "ips.html").write_text(
        '<html><body><section class="h-feed"><h1 class="p-name">Bo’s addresses</h1><ul><li>IP: 192.0.2.17 Seen at: 2026</li></ul></section></body></html>'
    )
    read = corpus(tmp_path)
    assert facts(read) == [("The ferry", ("Bo Marsh",), "2021-05-05", "https://medium.com/@bo/x")]
    assert "192.0.2.17" not in told(read)
    assert "How we cross." in read.texts["posts/a.html"]
    assert "1 draft (“Not yet”)" in reasons(read)
    assert "only the posts are read" in reasons(read)


TABLE = """post_id,post_date,is_published,email_sent_at,type,audience,title,subtitle
1.ferry,2024-03-01T10:00:00.000Z,true,,newsletter,everyone,The ferry,How we cross
2.later,2024-04-01T10:00:00.000Z,false,,newsletter,everyone,Not yet,
3.paid,2024-05-01T10:00:00.000Z,true,,newsletter,only_paid,For payers,
"""


@pytest.mark.parametrize("packed", [True, False])
def test_of_a_substack_export_the_public_posts_are_read(tmp_path: Path, packed: bool) -> None:
    widget = (
        '<div class="subscription-widget-wrap"><p class="cta-caption">Thanks for reading!</p></div>'
    )
    files = {
        f"posts/{name}.html": f"<p>{name}: {WORDS}</p>{widget}"
        for name in ("1.ferry", "2.later", "3.paid")
    }
    files |= {
        "posts.csv": TABLE,
        "posts/1.opens.csv": "email\nz@example.net\n",
        "email_list.x.csv": "z@example.net",
    }
    if packed:
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, text in files.items():
                archive.writestr(name, text)
        (tmp_path / "export.zip").write_bytes(stream.getvalue())
    else:
        (tmp_path / "posts").mkdir()
        for name, text in files.items():
            (tmp_path / name).write_text(text)
    read = corpus(tmp_path)
    assert facts(read) == [("The ferry", (), "2024-03-01", None)]
    assert "How we cross" in told(read)
    for secret in ("Thanks for reading", "z@example.net", "2.later:", "3.paid:"):
        assert secret not in told(read)
    assert "1 draft (“Not yet”)" in reasons(read)
    assert "1 for payers alone (“For payers”)" in reasons(read)
    assert len(corpus(tmp_path, unpublished=True).posts) == 3


def ghost(**changes: Any) -> dict[str, Any]:
    return {"id": "1", "title": "The ferry", "html": f"<p>{WORDS}</p>", "status": "published",
            "visibility": "public", "published_at": "2024-03-01T10:00:00.000Z"} | changes  # fmt: skip


def test_of_a_ghost_export_the_public_posts_are_read(tmp_path: Path) -> None:
    lexical = {
        "root": {
            "children": [
                {
                    "type": "paragraph",
                    "children": [
                        {"text": "By lexical "},
                        {"type": "link", "children": [{"text": "alone."}]},
                    ],
                }
            ]
        }
    }
    mobiledoc = {"sections": [[1, "p", [[0, [], 0, "By mobiledoc alone."]]]], "cards": []}
    posts = [
        ghost(),
        ghost(id="2", title="Not yet", status="draft"),
        ghost(id="3", title="Paid", visibility="paid"),
        ghost(id="4", title="Four", html=None, lexical=json.dumps(lexical)),
        ghost(id="5", title="Five", html=None, mobiledoc=json.dumps(mobiledoc)),
    ]
    tables = {
        "posts": posts,
        "users": [{"id": "u", "name": "Bo Marsh", "email": "bo@example.net"}],
        "tags": [{"id": "t", "name": "boats"}, {"id": "h", "name": "#hidden"}],
        "posts_authors": [{"post_id": "1", "author_id": "u", "sort_order": 0}],
        "posts_tags": [{"post_id": "1", "tag_id": "t"}, {"post_id": "1", "tag_id": "h"}],
        "settings": [{"key": "title", "value": "Ferry notes"}],
    }
    (tmp_path / "ghost.json").write_text(json.dumps({"db": [{"data": tables}]}))
    read = corpus(tmp_path)
    assert facts(read)[0] == ("The ferry", ("Bo Marsh",), "2024-03-01", None)
    assert (read.posts[0].tags, read.posts[0].blog) == (("boats",), "Ferry notes")
    assert [post.title for post in read.posts] == ["The ferry", "Four", "Five"]
    assert "By lexical alone." in read.texts["ghost.json"]
    assert "By mobiledoc alone." in read.texts["ghost.json"]
    assert "bo@example.net" not in told(read)
    assert reasons(read) == "1 draft (“Not yet”); 1 for payers alone (“Paid”)"


@pytest.mark.parametrize(
    ("name", "text", "advice"),
    [
        ("a.json", '{"notes": []}', "export the posts as"),
        ("a.xml", "<?xml version='1.0'?><theme/>", "Tools → Export"),
        ("a.doc", "x", "save it as .docx"),
        ("a.csv", "a,b", "export the posts as"),
        ("a.sql", "x", "export the posts"),
        ("posts.csv", "a,b\n1,2\n", "none of Substack's"),
    ],
)
def test_what_is_refused_says_what_to_give_instead(
    tmp_path: Path, name: str, text: str, advice: str
) -> None:
    (tmp_path / name).write_text(text)
    (tmp_path / "good.md").write_text(f"---\ntitle: Good\n---\n{WORDS}\n")
    assert advice in reasons(corpus(tmp_path))
