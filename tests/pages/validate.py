"""Checks that every expected string is in its page, and the set's own consistency."""
import json
import pathlib
import re

HERE = pathlib.Path(__file__).parent


def norm(s):
    return re.sub(r"\s+", " ", s).strip()


def main():
    bad = 0

    def fail(*a):
        nonlocal bad
        bad += 1
        print(*a)

    pages = sorted(p for p in HERE.iterdir() if p.suffix in (".txt", ".md"))
    exps = {p: json.loads((HERE / (p.stem + ".expected.json")).read_text("utf-8")) for p in pages}
    n_must = n_never = n_posts = 0
    for p, e in exps.items():
        raw = p.read_text("utf-8")
        text = norm(raw)
        size = len(raw.encode())
        if not 2000 <= size <= 12288:
            fail(p.name, "size", size)
        musts = [norm(m) for d in e["posts"] for m in d["must_contain"]]
        pos = 0
        for d in e["posts"]:
            n_posts += 1
            if d["title"] is not None:
                if d["title"] not in text:
                    fail(p.name, "title not in page", d["title"])
                pos = max(pos, text.find(d["title"]))
            if not 3 <= len(d["must_contain"]) <= 12:
                fail(p.name, "must count", d["title"])
            for m in map(norm, d["must_contain"]):
                n_must += 1
                at = text.find(m, pos)
                if at < 0:
                    fail(p.name, "must_contain missing or out of order", m)
                else:
                    pos = at
            if d["authors"] != "any":
                for a in d["authors"]:
                    if norm(a).replace("’", "'") not in text.replace("’", "'"):
                        fail(p.name, "author not in page", a)
            if d["words"] not in (None, "any") and not re.search(
                    r"\(%s words\)" % f"(?:{d['words']}|{d['words']:,})", text):
                fail(p.name, "word count not in page", d["words"])
            if "same_post_as" in d:
                f, i = d["same_post_as"].split("#")
                o = exps[HERE / f]["posts"][int(i)]
                if o["title"] != d["title"]:
                    fail(p.name, "same_post_as title", d["title"])
                whole = norm((HERE / f).read_text("utf-8"))
                for m in d["must_contain"]:
                    if norm(m) not in whole:
                        fail(p.name, "not in the full post", m)
        for n in e["never"] + e.get("never_alone", []):
            n_never += 1
            if norm(n) not in text:
                fail(p.name, "never not in page", n)
            if any(norm(n) in m for m in musts):
                fail(p.name, "never inside must_contain", n)
        for n in e["never"]:
            if any(norm(n) in norm(x) for x in e["subheadings_not_titles"]):
                fail(p.name, "never inside a subheading", n)
            if any(norm(n) == d["title"] for d in e["posts"]):
                fail(p.name, "never is a title", n)
        for s in e["subheadings_not_titles"]:
            if norm(s) not in text:
                fail(p.name, "subheading not in page", s)
            if any(s == d["title"] for d in e["posts"]):
                fail(p.name, "subheading is a title", s)
        for s in e.get("once", []):
            if text.count(norm(s)) != 2:
                fail(p.name, "once: occurs", text.count(norm(s)), s)
        for s in e.get("either", []):
            if not any(ch in s for ch in "*[") and norm(s) not in text:
                fail(p.name, "either not in page", s)
    print(f"{len(pages)} pages, {n_posts} posts, {n_must} must_contain, {n_never} never, {bad} problems")
    return bad


if __name__ == "__main__":
    raise SystemExit(1 if main() else 0)
