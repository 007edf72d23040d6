"""WordPress's shortcodes (``[caption …]…[/caption]``) to what a reader would see of them.

Square brackets are also a writer's own (``[sic]``, ``[1]``, ``[…]``): only what is known to be a
shortcode, or has the looks of one, is taken for it. https://codex.wordpress.org/Shortcode_API
"""

from __future__ import annotations

import re

_DROPPED = frozenset(
    "gallery audio video playlist embed youtube vimeo dailymotion soundcloud flickr googlemaps"
    " googleapps googlevideo instagram slideshare spotify scribd archives sitemap toc mixcloud"
    " contact-form contact-form-7 contact-field contact_form wpforms ninja_form ninja_forms"
    " gravityform gravityforms formidable polldaddy mailchimp mc4wp_form crowdsignal_embed"
    " jetpack_subscription_form subscription_form newsletter_form addtoany related_posts"
    " jetpack-related-posts recent-posts recent_posts rev_slider metaslider slideshow"
    " woocommerce_cart add_to_cart recent_products display-posts blog-posts tableofcontents"
    " table-of-contents print_link print_gllr nggallery ngg wpvideo videopress bandcamp"
    " kickstarter storify wufoo blip.tv gist iframe wpdatatable author_box searchform login-form"
    " adsense google_ad".split()
)
"""Shown by a program, not written by the author; what stands between the tags goes too."""
_DROPPED_WORDS = frozenset(
    "share sharing social subscribe newsletter related poll survey rating portfolio product"
    " products listing search tweet twitter facebook ted presentation steam ad ads advertisement"
    " odesk rdio".split()
)
"""Likewise, but a writer may put such a word in brackets: it must have attributes or an end."""
_WRAPPERS = frozenset(
    "caption wp_caption quote pullquote blockquote column columns one_half one_third two_third"
    " row button dropcap highlight box note info warning tip alert tab tabs toggle accordion"
    " spoiler code sourcecode php html css js python latex math center left right url link more"
    " nextpage heading title text section div span footnote ref fn".split()
)
_BLOCKS = frozenset(
    "column columns one_half one_third two_third row box note info warning tip alert tab tabs"
    " toggle accordion spoiler section".split()
)
"""Of those, what a paragraph ends before and after."""
_NOTES = frozenset({"footnote", "ref", "fn", "note_ref", "efn_note"})
"""Of those, what is a note to the sentence that it stands in."""
_TAG = re.compile(
    r"\[(?P<escape>\[?)(?P<close>/?)(?P<name>[A-Za-z][\w.-]{0,59})"
    r"(?P<attributes>(?:\s(?:[^\[\]<>\"']|\"[^\"]{0,2000}\"|'[^']{0,2000}'){0,400})?)"
    r"(?P<self>/?)\](?P<end>\]?)"
)
_ATTRIBUTE = re.compile(r"""\b(?P<key>[\w-]{1,40})\s*=\s*["'](?P<value>[^"'<>]{0,1000})""")
_VALUES = re.compile(r"\s+(?:https?://\S+|=?[\w:./-]*\d[\w:./-]*)(?:\s.*)?", re.DOTALL)
"""What a shortcode is given without naming it: an address, a number; not a writer's words."""
_CODE = re.compile(
    r"\[(?P<name>code|sourcecode|php|html|css|js|python)\b[^\]]{0,400}\](?P<inner>.*?)"
    r"\[/(?P=name)\]",
    re.DOTALL,
)
_CODE_MARK = "\x1e"
_PICTURE = re.compile(r"^(?:\s*<(?:a|img|p|figure|div)\b[^>]*>|\s*</(?:a|p|figure|div)>)+\s*")


def without_shortcodes(markup: str) -> str:
    """The markup without shortcodes: what they wrap is kept, what a program would show is not.

    ``[[gallery]]``, which WordPress shows as ``[gallery]``, is shown so here.
    """
    if "[" not in markup:
        return markup
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(f"<pre>{match['inner'].strip()}</pre>")
        return f"{_CODE_MARK}{len(kept) - 1}{_CODE_MARK}"

    told = _replaced(_CODE.sub(keep, markup))
    return re.sub(
        f"{_CODE_MARK}(\\d+){_CODE_MARK}", lambda match: f"\n\n{kept[int(match[1])]}\n\n", told
    )


def _replaced(markup: str) -> str:
    tags = list(_TAG.finditer(markup))
    closed = {tag["name"].lower() for tag in tags if tag["close"] and not _escaped(tag)}
    out: list[str] = []
    at = 0
    index = 0
    while index < len(tags):
        tag = tags[index]
        index += 1
        if tag.start() < at:
            continue
        if _escaped(tag):
            out += [markup[at : tag.start()], tag[0][1:-1]]
            at = tag.end()
            continue
        if not _is_shortcode(tag, closed):
            continue
        out.append(markup[at : tag.start()])
        at = tag.end()
        name = tag["name"].lower()
        if tag["close"] or tag["self"]:
            out.append("\n\n" if tag["close"] and name in _BLOCKS else "")
            continue
        end = _closing(tags, index, name) if name in closed else None
        if name in ("caption", "wp_caption"):
            inner = "" if end is None else _replaced(markup[at : end.start()])
            out.append(_caption(inner, tag["attributes"]))
            at = at if end is None else end.end()
        elif (name in _DROPPED or name in _DROPPED_WORDS) and end is not None:
            at = end.end()
        elif name in _NOTES and end is not None:
            note = _replaced(markup[at : end.start()])
            out.append(f'<span class="sidenote">{note}</span>')
            at = end.end()
        elif name in _BLOCKS:
            out.append(_opening(tag["attributes"]))
    out.append(markup[at:])
    return "".join(out)


def _escaped(tag: re.Match[str]) -> bool:
    return bool(tag["escape"] and tag["end"])


def _is_shortcode(tag: re.Match[str], closed: set[str]) -> bool:
    name = tag["name"].lower()
    given = bool(tag["attributes"].strip())
    if name in _DROPPED:
        # "[video of the launch]" is the writer's own; names are written in lower case.
        named = _ATTRIBUTE.search(tag["attributes"]) or _VALUES.fullmatch(tag["attributes"])
        return named is not None or (not given and (name == tag["name"] or name in closed))
    if name in _DROPPED_WORDS or name in _WRAPPERS:
        return name in closed or _ATTRIBUTE.search(tag["attributes"]) is not None
    if tag["attributes"].endswith("/") and "=" in tag["attributes"]:
        return True  # "[table id=4 /]"
    if tag["self"] or (tag["close"] and name in closed) or "_" in name:
        return True
    return _ATTRIBUTE.search(tag["attributes"]) is not None or (name in closed and not given)


def _closing(tags: list[re.Match[str]], start: int, name: str) -> re.Match[str] | None:
    """The tag that closes the one before ``start``; one of the same name inside is passed over."""
    depth = 1
    for tag in tags[start:]:
        if tag["name"].lower() != name or _escaped(tag) or tag["self"]:
            continue
        depth += -1 if tag["close"] else 1
        if depth == 0:
            return tag
    return None


def _given(attributes: str) -> dict[str, str]:
    """What a shortcode is given, by its name in lower case."""
    return {match["key"].lower(): match["value"] for match in _ATTRIBUTE.finditer(attributes)}


def _opening(attributes: str) -> str:
    """What stands before the words of a block: its title, where it has one."""
    title = _given(attributes).get("title", "").strip()
    return f"\n\n<h4>{title}</h4>\n\n" if title else "\n\n"


def _caption(inner: str, attributes: str) -> str:
    """A caption in the form that HTML has for it; the picture itself goes."""
    text = _PICTURE.sub("", inner).strip() or _given(attributes).get("caption", "")
    return f"<figure><figcaption>{text}</figcaption></figure>"
