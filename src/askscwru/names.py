"""People's names: what looks like one, how two are compared, and how a list of them is split."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection

_UP = r"A-ZÀ-ÖØ-ÞĀĂĄĆČĎĐĒĘĚĞĢĪĮİĶĹĻĽŁŃŅŇŌŐŒŔŘŚŞŠŢŤŪŮŰŲŴŶŸŹŻŽ"
_TITLE = (
    r"(?:Dr|Prof|Professor|Mr|Mrs|Ms|Mx|Miss|Sir|Dame|Lord|Lady|Baroness|Rev|Revd|Cllr|Hon|Judge|"
    r"Associate|Emeritus|Assistant|Doctor)\b\.?"
)
_WORD = rf"(?:St\.|(?:[dlDL][’'])?[{_UP}][\w’'-]*\w|[{_UP}]\.?(?:-?[{_UP}]\.)*)"
_PARTICLE = (
    r"(?:de|da|do|dos|du|van|von|der|den|ter|la|le|bin|ibn|al|ap|di|del|della|el|y|e|i|zu|af|av|st|"
    r"ní|ni|ó|mac|na)"
)
NAME = rf"(?:{_TITLE}\s+)*{_WORD}(?:\s+(?:{_PARTICLE}\s+){{0,2}}{_WORD}){{1,3}}"
NAMES = rf"{NAME}(?:(?:\s*,\s*|\s*,?\s+(?:and|&|with|et|y|und)\s+|\s*/\s*){NAME}){{0,6}}"

_JOINERS = re.compile(r"\s*,\s*(?:and|&)?\s*|\s+(?:and|&|with|et|y|und)\s+|\s*/\s*")
_TITLE_PREFIX = re.compile(rf"^(?:{_TITLE}\s+)+")

# Capitalised words that begin headings, organisations and sentences, never a person's name.
_NOT_NAMES = frozenset(
    "the a an and of in on at for to with from by our your their this that these those "
    "what why how when where who which is are was were be can do does did will would "
    "should not no new old first last next social care health policy research unit "
    "university college institute school centre center department service services "
    "support work worker workers personal direct payments budgets budget shared lives "
    "press blog posts post archive home about contact news events read more continue "
    "reading national local government council association society trust foundation "
    "network conference journal international community public human rights act bill "
    "report study paper part chapter section open access free join follow share like "
    "comments leave reply search recent categories tags privacy terms monday tuesday "
    "wednesday thursday friday saturday sunday january february march april june july "
    "august september october november december england scotland wales ireland britain "
    "london europe uk nhs people young older adult adults children family families mental "
    "learning disability disabilities getting making looking towards beyond between after "
    "before during under over against introduction conclusion background methods results "
    "discussion findings summary references notes key points economy economics politics "
    "programme project team group better good great big small case all some many most "
    "other another every each it its we you they he she his her i my if as or but so yes "
    "one two three four five six seven eight nine ten guest editor editorial posted "
    "published written admin administrator staff office senior junior lecturer fellow "
    "director manager officer head chair visiting honorary principal deputy chief "
    "executive department faculty".split()
)
# Of these none is part of a name even behind "by".
_NEVER_NAMES = frozenset(
    "the a an of in on at for to with university college institute school centre center "
    "department team council association foundation network journal unit admin "
    "administrator staff office editor lecturer fellow director manager officer professor "
    "press blog news".split()
)


def fold(text: str) -> str:
    """``text`` in lower case, without accents and with single spaces: for comparing names."""
    plain = unicodedata.normalize("NFKD", text.replace("’", "'"))
    return " ".join("".join(c for c in plain if not unicodedata.combining(c)).lower().split())


def bare_name(name: str) -> str:
    """A name without ``Dr``, ``Professor`` and the like in front."""
    return _TITLE_PREFIX.sub("", name.strip()).strip(" ,.")


def is_name(line: str, common: Collection[str] = (), *, sure: bool = False) -> bool:
    """Whether the whole line is a person's name.

    Args:
        line: without white space around it.
        common: words that the page writes in lower case: none of them is part of a name.
        sure: whether a name is due here (behind ``by``), so that ``Will Young`` is believed.
    """
    if len(line) > 60 or not re.fullmatch(NAME, line):
        return False
    words = [word.lower() for word in bare_name(line).split() if not word.islower()]
    if len(words) < 2:
        return False
    doubtful = [word in _NOT_NAMES or word in common for word in words]
    if sure:
        return not all(doubtful) and not any(word in _NEVER_NAMES for word in words)
    return not any(doubtful)


def split_names(names: str, common: Collection[str] = (), *, sure: bool = False) -> tuple[str, ...]:
    """``Ann Lee, Bo Å and Dr Cy Dee`` to its names, bare, without what cannot be a name."""
    bare = (bare_name(part) for part in _JOINERS.split(names))
    return tuple(dict.fromkeys(name for name in bare if is_name(name, common, sure=sure)))
