"""The Chinese catalogue: extract what pages and code say, check that all of it is translated, compile.

`compile` writes django.mo beside each django.po; `extract` adds new texts to the catalogue and drops gone ones;
`check` fails on a text that is missing, empty, fuzzy, or whose placeholders differ. Babel does it, so that no
system package is needed; Django turns templates into something Babel reads.
"""

import io
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import babel.messages.catalog as catalogs
from babel.messages.extract import extract_python
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[1]
LOCALES = ROOT / "bihuan" / "locale"
CATALOGUE = LOCALES / "zh_Hans" / "LC_MESSAGES" / "django.po"
KEYWORDS = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None, "ngettext": (1, 2),
    "ngettext_lazy": (1, 2), "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2),
    "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
DJANGOS_GAPS = (
    (
        "This password is too short. It must contain at least %d character.",
        "This password is too short. It must contain at least %d characters.",
    ),
)  # texts that Django shows and has no Chinese for
PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sd]")
Found = tuple[str | tuple[str, ...], str | None, str]


def texts() -> Iterator[Found]:
    """(message or (singular, plural), context, place) of everything translatable in the package."""
    from django.conf import settings
    from django.utils.translation.template import templatize

    if not settings.configured:
        settings.configure()
    for gap in DJANGOS_GAPS:
        yield gap, None, "Django"
    for path in sorted((ROOT / "bihuan").rglob("*")):
        place = str(path.relative_to(ROOT))
        if "/tests/" in place or "/migrations/" in place or "/static/" in place:
            continue
        if path.suffix == ".py":
            source = path.read_bytes()
        elif path.suffix in (".html", ".txt") and "/templates/" in place:
            source = templatize(path.read_text(encoding="utf-8"), origin=place).encode()
        else:
            continue
        for line, function, arguments, _comments in extract_python(
            io.BytesIO(source), list(KEYWORDS), (), {}
        ):
            message, context = _message(function, arguments)
            if message:
                yield message, context, f"{place}:{line}"


def _message(function: str, arguments: object) -> tuple[str | tuple[str, ...] | None, str | None]:
    """The message of a call by the shape of its function."""
    parts = list(arguments) if isinstance(arguments, (tuple, list)) else [arguments]
    context = parts.pop(0) if function.startswith(("pgettext", "npgettext")) and parts else None
    plural = "ngettext" in function or "npgettext" in function
    if plural and len(parts) >= 2 and parts[0] and parts[1]:
        return (str(parts[0]), str(parts[1])), context
    return (str(parts[0]) if parts and parts[0] else None), context


def stored() -> catalogs.Catalog:
    """The catalogue as it is."""
    if not CATALOGUE.exists():
        return catalogs.Catalog(locale="zh_Hans")
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="zh_Hans")


def extract() -> None:
    """Add what is new, drop what is gone; translations that exist stay."""
    old = stored()
    new = catalogs.Catalog(locale="zh_Hans", project="Bihuan", charset="utf-8", fuzzy=False, creation_date=old.creation_date,
                           header_comment="# Simplified Chinese texts of Bihuan, written for people of the trade.")  # fmt: skip
    for message, context, _place in texts():
        known = old.get(message if isinstance(message, str) else message[0], context)
        string = known.string if known is not None else ""
        if isinstance(message, tuple) and isinstance(string, str):
            string = (string,)
        if isinstance(message, str) and isinstance(string, tuple):
            string = string[0]
        new.add(message, string=string, context=context)
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, new, width=110, sort_output=True, no_location=True, omit_header=False)
    print(f"{len(new)} texts, {sum(1 for m in new if m.id and not _complete(m))} without a translation")


def _complete(message: catalogs.Message) -> bool:
    strings = message.string if isinstance(message.string, tuple) else (message.string,)
    return bool(strings) and all(strings)


def check() -> int:
    """Problems, printed; their number."""
    catalogue, problems = stored(), []
    for message, context, place in dict.fromkeys(texts()):
        single = message if isinstance(message, str) else message[0]
        known = catalogue.get(single, context)
        if known is None or not _complete(known):
            problems.append(f"{place}: no Chinese text for {single!r}")
        elif known.fuzzy:
            problems.append(f"{place}: fuzzy Chinese text for {single!r}")
        else:
            wanted = set(PLACEHOLDER.findall(single if isinstance(message, str) else message[1]))
            for string in known.string if isinstance(known.string, tuple) else (known.string,):
                if set(PLACEHOLDER.findall(string)) != wanted:
                    problems.append(f"{place}: placeholders differ in {string!r} for {single!r}")
    for problem in problems[:60]:
        print(problem)
    print(f"{len(problems)} problem(s) in the Chinese catalogue of {len(catalogue)} texts")
    return len(problems)


def compile_all() -> None:
    """Write every django.mo."""
    for path in LOCALES.glob("*/LC_MESSAGES/django.po"):
        with path.open("rb") as source, path.with_suffix(".mo").open("wb") as target:
            write_mo(target, read_po(source, locale=path.parent.parent.name))


if __name__ == "__main__":
    task = sys.argv[1] if len(sys.argv) > 1 else "check"
    if task == "check":
        sys.exit(1 if check() else 0)
    {"extract": extract, "compile": compile_all}[task]()
