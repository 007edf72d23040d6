"""Bytes to text when the file itself may be wrong about its encoding."""

from __future__ import annotations

import codecs
import html
import re

_BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']|"""
    rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,40})""",
    re.IGNORECASE,
)
_HEAD = 4096
_LOOKED_AT = 20_000
_FEW, _MANY = 6, 40
_ODD = re.compile(r"(?<=[^\W\d_])[¡-©«-¹»-¿×÷](?=[^\W\d_])|(?<=[^\W\d_]{2})[¹³¿¼¾]")
"""Signs of Windows-1252 that hardly stand within a word of a western language."""
_OTHERS = (
    "cp1250 cp1251 cp1252 cp1253 cp1254 cp1255 cp1256 cp1257 koi8_r iso8859_2 shift_jis euc_jp big5"
    " gb18030 euc_kr mac_roman cp437 cp850"
).split()
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufffe\uffff]")
_ENTITY = re.compile(r"<!\[CDATA\[.*?(?:\]\]>|\Z)|&(\w{2,32});|&(?!#\w{1,8};)", re.DOTALL)
_XML_ENTITIES = frozenset({"amp", "lt", "gt", "quot", "apos"})
_DOCTYPE = re.compile(r"<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>", re.IGNORECASE | re.DOTALL)
_PROLOGUE = 20_000


def decode(data: bytes, declared: str | None = None) -> str:
    """The text of a page, an export or a feed.

    A byte order mark is believed first. Then UTF-8, whatever is declared, because hardly any other
    text happens to be valid UTF-8; then the declared encoding; last Windows-1252, in which every
    byte but five means something. What cannot be read becomes U+FFFD.

    Args:
        data: the file.
        declared: the encoding that the transport names (a MIME or HTTP header).
    """
    for mark, encoding in _BOMS:
        if data.startswith(mark):
            return _without_controls(data[len(mark) :].decode(encoding, "replace"))
    if wide := _wide(data):
        return _without_controls(data.decode(wide, "replace"))
    try:
        return _without_controls(data.decode("utf-8"))
    except UnicodeDecodeError as error:
        # A file cut off in the middle of a character is UTF-8 all the same.
        if error.start >= len(data) - 4 and len(data) > 4:
            return _without_controls(data.decode("utf-8", "replace"))
    match = _DECLARED.search(data[:_HEAD])
    stated = (match[1] or match[2]).decode("ascii", "replace") if match else None
    for named in (declared, stated):
        if (told := _try(data, named)) is not None:
            return _without_controls(told)
    return _without_controls(_undeclared(data))


def decode_saved(data: bytes) -> str:
    """The text of a text file, its characters untouched: in UTF-8, in UTF-16, or as Windows has it.

    A mark at the start of UTF-8 stays; offsets count it.
    """
    for mark, encoding in _BOMS[1:]:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding, "replace")
    if wide := _wide(data):
        return data.decode(wide, "replace")
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError:
        return _undeclared(data)


def _undeclared(data: bytes) -> str:
    """What is not UTF-8 and does not say what it is.

    Mostly UTF-8 with a few stray bytes, as pasted text leaves them, is not read as another. What
    looks odd in Windows-1252 (signs within words, hardly a Latin letter) is read in the encoding of
    another script or of eastern Europe, if it is clear enough in which.
    """
    text = data.decode("utf-8", "replace")
    if text.count("\ufffd") * 4 <= sum(1 for c in text if c > "\x7f"):
        return text
    western = data.decode("cp1252", "replace")
    odd = len(_ODD.findall(western[:_LOOKED_AT])) + western.count("\ufffd", 0, _LOOKED_AT)
    foreign = sum(c > "\x7f" for c in western[:_LOOKED_AT])
    if odd * 8 > foreign >= _FEW or (foreign > _MANY and foreign * 5 > len(western[:_LOOKED_AT])):
        # Only such a file needs it.
        from charset_normalizer import from_bytes

        best = from_bytes(data[:_LOOKED_AT], cp_isolation=list(_OTHERS)).best()
        if best is not None:
            return data.decode(best.encoding, "replace")
    return western


def for_xml(text: str) -> str:
    """``text`` so that an XML parser needs no DTD for it.

    The document type goes, and with it every entity that it declares; HTML's entities, which feeds
    use without declaring them, become their characters, but not inside CDATA sections.
    """
    head, rest = text[:_PROLOGUE], text[_PROLOGUE:]
    head = _DOCTYPE.sub("", head, count=1)
    return _ENTITY.sub(_entity, head + rest)


def _entity(match: re.Match[str]) -> str:
    name = match[1]
    if match[0] == "&":
        return "&amp;"
    if name is None or name in _XML_ENTITIES:
        return match[0]
    shown = html.unescape(match[0])
    return "" if shown == match[0] else html.escape(shown, quote=False)


def _wide(data: bytes) -> str | None:
    """UTF-16 without a mark: every other byte of the first ``<`` and what follows is zero."""
    head = data[:64]
    if len(head) >= 8 and head[1::2].count(0) * 2 > len(head) * 0.8:
        return "utf-16-le"
    if len(head) >= 8 and head[0::2].count(0) * 2 > len(head) * 0.8:
        return "utf-16-be"
    return None


def _try(data: bytes, encoding: str | None) -> str | None:
    if not encoding or encoding.lower().replace("-", "") in ("utf8", "utf16", "utf7", "idna"):
        return None
    # Browsers read these two as Windows-1252, and so do their authors.
    if encoding.lower() in ("iso-8859-1", "latin1", "ascii", "us-ascii"):
        encoding = "cp1252"
    try:
        if codecs.lookup(encoding)._is_text_encoding:
            return data.decode(encoding, "replace")
    except (LookupError, ValueError):
        pass
    return None


def _without_controls(text: str) -> str:
    return _CONTROLS.sub("", text.lstrip("\ufeff"))
