"""Small pieces of HTML shared by template tags and list cells. Everything that comes in is escaped."""

from collections.abc import Sequence
from datetime import date, datetime
from functools import lru_cache
from html import escape as escape_text

from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from bihuan.base.ui import formats

SHAPES = ("circle", "triangle", "diamond", "square", "ring")
COLOURS = ("green", "amber", "red", "grey", "blue")
MEANINGS = {"success": "green", "warning": "amber", "danger": "red", "secondary": "grey", "info": "blue"}


def raw(text: str) -> SafeString:
    """HTML built here from escaped parts. The one place of the kit that trusts a string."""
    return SafeString(text)


def escape(text: object) -> str:
    """Every `<>&"'` of the text as an entity. Django's does the same behind a wrapper for lazy texts that costs more
    than the work."""
    return escape_text(str(text))


@lru_cache(maxsize=512)
def icon(name: str, extra: str = "") -> SafeString:
    """An icon of the sprite, hidden from screen readers: text stands beside it or on its button."""
    if not name:
        return SafeString("")
    return format_html(
        '<svg class="icon {}" aria-hidden="true" focusable="false"><use href="{}#i-{}"></use></svg>',
        extra,
        static("dist/sprite.svg"),
        name,
    )


def band(label: object, *, colour: str, shape: str, score: object = None) -> SafeString:
    """A band with colour, label and shape, so that colour never stands alone; the score in front if given."""
    return band_of_words(str(label), colour, shape, "" if score is None else str(score))


@lru_cache(maxsize=2048)
def band_of_words(label: str, colour: str, shape: str, score: str) -> SafeString:
    """The same, remembered: a list shows few different ones."""
    number = format_html('<span class="band-score">{}</span>', score) if score else SafeString("")
    return format_html(
        '<span class="band band-{}"><span class="band-shape shape-{}" aria-hidden="true"></span>{}'
        '<span class="band-label">{}</span></span>',
        MEANINGS.get(colour, colour if colour in COLOURS else "grey"),
        shape if shape in SHAPES else "ring",
        number,
        label,
    )


def badge(text: object, kind: str = "") -> SafeString:
    """A quiet label."""
    return raw(f'<span class="tag{f" tag-{escape(kind)}" if kind else ""}">{escape(text)}</span>')


def moment(value: datetime | date | None, *, now: datetime) -> SafeString:
    """Relative words with the exact time on hover."""
    if value is None:
        return raw(f'<span class="nothing">{formats.NOTHING}</span>')
    if isinstance(value, datetime):
        return timed(value, formats.ago(value, now=now))
    return moment_of_day(value, timezone.localtime(now).date(), get_language())


@lru_cache(maxsize=4096)
def moment_of_day(value: date, today: date, language: str | None) -> SafeString:
    """The same for a calendar date, remembered: a list shows few different ones. `language` is the reader's."""
    return timed(value, formats.relative_day(value, today=today))


def timed(value: datetime | date, words: str) -> SafeString:
    """Words with the exact time on hover."""
    return raw(f'<time datetime="{value.isoformat()}" title="{formats.exact(value)}">{escape(words)}</time>')


def spark(values: Sequence[float | int | None], *, label: str = "") -> SafeString:
    """A spark-line of up to a few dozen values, scaled from zero; an empty one for no values."""
    numbers = [float(v or 0) for v in values]
    if len(numbers) < 2:
        return raw('<svg class="spark" viewBox="0 0 72 20" aria-hidden="true"></svg>')
    top = max(numbers) or 1.0
    points = [f"{x}{18 - 16 * n / top:.1f}" for x, n in zip(places(len(numbers)), numbers, strict=True)]
    described = f'role="img" aria-label="{escape(label)}"' if label else 'aria-hidden="true"'
    last_x, last_y = points[-1].split(",")
    return raw(
        f'<svg class="spark" viewBox="0 0 72 20" {described}>'
        f'<polyline points="{" ".join(points)}"></polyline>'
        f'<circle cx="{last_x}" cy="{last_y}" r="1.6"></circle></svg>'
    )


@lru_cache(maxsize=64)
def places(count: int) -> list[str]:
    """Where the points of a spark-line stand from left to right, each with the comma before its height."""
    step = 70 / (count - 1)
    return [f"{1 + i * step:.1f}," for i in range(count)]
