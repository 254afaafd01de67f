"""ListPage: one class per noun gives search, filters, sort, columns, saved views, batches and export.

All state is in the URL: `q` search, the filters by their names, `sort` ("-arr"), `cols` ("name,arr"), `page`.
A request by htmx gets the table alone, any other the whole page. Posts carry `do` (see list_posts).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from hashlib import sha256
from html import escape
from itertools import islice
from typing import Any, ClassVar
from urllib.parse import urlencode

from django.core.cache import cache
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.safestring import SafeString
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from bihuan.base.access import Actor, actor_of, allow
from bihuan.base.ui import html
from bihuan.base.ui.batch import BatchAction
from bihuan.base.ui.columns import Column, Reading
from bihuan.base.ui.filters import Filters, asked_for, chips
from bihuan.base.ui.nav import Text
from bihuan.base.ui.responses import is_fragment

PER_PAGE = 50
NO_FILTERS = frozenset(("q", "sort", "cols", "page"))
MOST_WORDS = 12
TICK = (
    '<td class="tick"><input type="checkbox" class="form-check-input" name="ids" value="%(id)s" '
    'form="batch-form" data-tick aria-label="%(label)s"></td>'
)


@dataclass(frozen=True, kw_only=True)
class Empty:
    """What a list says when there is nothing yet, with the way on."""

    title: Text
    text: Text = ""
    action: Text = ""
    url: str = ""
    icon: str = "inbox"


@dataclass(frozen=True, kw_only=True)
class Head:
    """A column's title with where a click on it leads and how it is sorted now."""

    name: str
    title: Text
    help: Text
    css: str
    query: str
    sorted: str


_lists: dict[str, "ListPage"] = {}


class ListPage:
    """Subclass in an app's `pages.py`; route `Accounts.as_view()`."""

    name: ClassVar[str]
    title: ClassVar[Text]
    permission: ClassVar[str]
    columns: ClassVar[tuple[Column, ...]]
    search: ClassVar[tuple[str, ...]] = ()
    search_hint: ClassVar[Text] = _("Search")
    filters: ClassVar[type[Filters] | None] = None
    default_sort: ClassVar[str] = ""
    batch: ClassVar[tuple[BatchAction, ...]] = ()
    empty: ClassVar[Empty] = Empty(title=_("Nothing here yet"))
    template: ClassVar[str] = "ui/list.html"
    create_title: ClassVar[Text] = ""
    create_permission: ClassVar[str] = ""
    export: ClassVar[bool] = True
    export_permission: ClassVar[str] = ""
    per_page: ClassVar[int] = PER_PAGE

    def queryset(self, *, actor: Actor, **route: Any) -> QuerySet[Any]:
        """The records the actor may see; `route` holds the URL's arguments."""
        raise NotImplementedError

    def matching(self, word: str) -> Q:
        """What holds a word of the search in one of the fields of `search`; % and _ stand for themselves."""
        any_field = Q()
        for field in self.search:
            any_field |= Q(**{f"{field}__icontains": word})
        return any_field

    def row_url(self, record: Any) -> str:
        """Where Enter and a click on the row lead; empty for nowhere."""
        return ""

    def prepared(self, records: list[Any], *, actor: Actor) -> list[Any]:
        """The records of a page or of a piece of an export, once more in hand before their cells are written."""
        return records

    def row_label(self, record: Any) -> str:
        """What a screen reader says for the row's tick box."""
        return str(record)

    def create_url(self, *, request: HttpRequest, **route: Any) -> str:
        """The address of the form behind the primary button; empty for no button."""
        return ""

    def context(self, *, request: HttpRequest, **route: Any) -> Mapping[str, Any]:
        """More names for the template (breadcrumbs, a summary above the table)."""
        return {}

    @classmethod
    def as_view(cls) -> Callable[..., Any]:
        """The guarded view; registers the list so that exports in the background find it."""
        page = cls()
        _lists[cls.name] = page

        def view(request: HttpRequest, **route: Any) -> HttpResponse:
            if request.method == "POST":
                from bihuan.base.ui.list_posts import answer_post

                return answer_post(page, request, route)
            return page.answer(request, route)

        view.__name__ = cls.__name__
        view.__module__ = cls.__module__
        return allow(cls.permission)(view)

    def answer(self, request: HttpRequest, route: dict[str, Any]) -> HttpResponse:
        """The page, or the table alone for htmx."""
        listing = Listing(
            page=self, request=request, actor=actor_of(request), params=request.GET, route=route
        )
        listing.remember_columns()
        part = is_fragment(request) and request.headers.get("HX-Target") == "list"
        response = render(
            request,
            "ui/parts/list_body.html" if part else self.template,
            {"list": listing, "page": self, **self.context(request=request, **route)},
        )
        response["Vary"] = "HX-Request"
        return response


def list_named(name: str) -> ListPage | None:
    """A routed list by its name."""
    return _lists.get(name)


@dataclass
class Listing:
    """One reader's view of a list: what they asked for in the URL, applied."""

    page: ListPage
    actor: Actor
    params: QueryDict
    route: dict[str, Any]
    request: HttpRequest | None = None

    @cached_property
    def now(self) -> Any:
        """The moment relative dates refer to."""
        return timezone.now()

    @cached_property
    def filterset(self) -> Any:
        """The bound filters that the URL asks for; None when it asks for none, as it mostly does."""
        if self.page.filters is None or NO_FILTERS.issuperset(self.params):
            return None
        return self.bound(asked_for(self.page.filters, self.params))

    @property
    def has_filters(self) -> bool:
        """Whether the list can be narrowed."""
        return self.page.filters is not None

    def bound(self, filters: type[Filters]) -> Filters:
        """The filters with the values of the URL, those only that the actor may use."""
        found = filters(self.params, queryset=self.base, request=self.request)
        for name, permission in found.needs.items():
            if not self.actor.may(permission):
                found.filters.pop(name, None)
        return found

    @cached_property
    def base(self) -> QuerySet[Any]:
        """Everything within the actor's territory."""
        return self.page.queryset(actor=self.actor, **self.route)

    @cached_property
    def found(self) -> QuerySet[Any]:
        """What search and filters leave, sorted."""
        rows = self.filterset.qs if self.filterset is not None and self.filterset.is_valid() else self.base
        if words := self.params.get("q", "").split():
            for word in words[:MOST_WORDS]:
                rows = rows.filter(self.page.matching(word))
        return rows.order_by(*self.ordering)

    @cached_property
    def ordering(self) -> list[str]:
        """Model fields to sort by; the key last, so that pages never overlap."""
        column, descending = self.sorted_by
        fields: list[str] = []
        if column is not None:
            for field in column.order_by:
                flip = field.startswith("-")
                bare = field.removeprefix("-")
                fields.append(bare if descending == flip else f"-{bare}")
        return [*fields, "-pk" if descending else "pk"]

    @cached_property
    def sorted_by(self) -> tuple[Column | None, bool]:
        """The column and whether it runs downwards; an unknown name falls back to the default."""
        known = {column.name: column for column in self.columns if column.order_by}
        for wish in (self.params.get("sort", ""), self.page.default_sort):
            if (name := wish.removeprefix("-")) in known:
                return known[name], wish.startswith("-")
        return None, False

    @cached_property
    def slice(self) -> Any:
        """The page asked for (the nearest one that exists)."""
        paginator = Paginator(self.found, self.page.per_page)
        return paginator.get_page(self.params.get("page"))

    @cached_property
    def columns(self) -> list[Column]:
        """The columns that the actor may see."""
        return [c for c in self.page.columns if not c.permission or self.actor.may(c.permission)]

    @cached_property
    def chosen(self) -> list[Column]:
        """The columns shown: from the URL, else as last chosen here, else the default ones."""
        wish = self.params.get("cols", "")
        if not wish and self.request is not None:
            wish = self.request.session.get(f"cols:{self.page.name}", "")
        names = {name for name in wish.split(",") if name}
        if not names & {column.name for column in self.columns}:
            return [column for column in self.columns if not column.hidden]
        return [column for column in self.columns if column.pinned or column.name in names]

    def remember_columns(self) -> None:
        """Keep a new choice of columns for the next visit without one in the URL."""
        known = {column.name for column in self.page.columns}
        names = dict.fromkeys(name for name in self.params.get("cols", "").split(",") if name in known)
        wish, key = ",".join(names), f"cols:{self.page.name}"
        if wish and self.request is not None and self.request.session.get(key) != wish:
            self.request.session[key] = wish

    @property
    def heads(self) -> Iterable[Head]:
        """Titles of the columns."""
        column_now, descending = self.sorted_by
        for column in self.chosen:
            now = column is column_now
            start_down = column.css in ("num", "date")
            down = (not descending) if now else start_down
            query = (
                self.query(sort=f"{'-' if down else ''}{column.name}", page=None) if column.order_by else ""
            )
            yield Head(
                name=column.name,
                title=column.title,
                help=column.help,
                css=css_of(column),
                query=query,
                sorted=("descending" if descending else "ascending") if now else "",
            )

    @cached_property
    def body(self) -> SafeString:
        """The rows of this page as HTML, joined here: a template loop over 500 cells costs four times as much."""
        page, tick, reading = self.page, self.can_tick, Reading(now=self.now)
        shown = [
            (column.cell if column.link else column.inner, f'<td class="{css_of(column)}">')
            for column in self.chosen
        ]
        rows: list[str] = []
        for record in page.prepared(list(self.slice.object_list), actor=self.actor):
            href = page.row_url(record)
            rows.append(f'<tr data-row data-href="{escape(href)}">' if href else "<tr data-row>")
            if tick:
                rows.append(TICK % {"id": record.pk, "label": escape(page.row_label(record))})
            rows.extend(f"{start}{cell(record, reading=reading)}</td>" for cell, start in shown)
            rows.append("</tr>")
        return html.raw("".join(rows))

    def records(self, *, at_once: int) -> Iterator[Any]:
        """Everything that was found, piece by piece, for an export."""
        found = self.found.iterator(at_once)
        while piece := list(islice(found, at_once)):
            yield from self.page.prepared(piece, actor=self.actor)

    @property
    def total(self) -> int:
        """How many were found."""
        count: int = self.slice.paginator.count
        return count

    @cached_property
    def chips(self) -> list[Any]:
        """The active filters in words."""
        return chips(self.filterset, params=self.params) if self.filterset is not None else []

    @property
    def filter_fields(self) -> str:
        """The inputs of the filters; the same choice is mostly asked for again (the next page, another
        sort), so that form is remembered for a minute."""
        chosen = sorted((name, self.params.getlist(name)) for name in self.params if name not in NO_FILTERS)
        asked = sha256(repr(chosen).encode()).hexdigest()[:24] if chosen else ""
        key = f"filters:{self.page.name}:{self.actor.user_id}:{get_language()}:{asked}"
        found: str | None = cache.get(key)
        if found is None and self.page.filters is not None:
            form = self.bound(self.page.filters).form
            found = render_to_string("ui/parts/filter_fields.html", {"form": form})
            cache.set(key, found, 60)
        return found or ""

    @property
    def narrowed(self) -> bool:
        """Whether search or filters are on."""
        return bool(self.chips or self.params.get("q"))

    @property
    def batch_actions(self) -> list[BatchAction]:
        """What the actor may do with ticked rows."""
        return [action for action in self.page.batch if self.actor.may(action.permission)]

    @property
    def can_tick(self) -> bool:
        """Whether rows have a tick box."""
        return bool(self.batch_actions)

    @cached_property
    def views(self) -> list[Any]:
        """Saved views of this list: one's own and shared ones."""
        from bihuan.base.ui.models import SavedView

        return list(SavedView.objects.readable_by(self.actor).filter(page=self.page.name))

    @property
    def can_export(self) -> bool:
        """Whether the actor may take the list away as a file."""
        page = self.page
        return page.export and (not page.export_permission or self.actor.may(page.export_permission))

    @property
    def create(self) -> str:
        """The address behind the primary button, if the actor may use it."""
        page = self.page
        if self.request is None or (page.create_permission and not self.actor.may(page.create_permission)):
            return ""
        return page.create_url(request=self.request, **self.route)

    def query(self, **changes: Any) -> str:
        """The query string with some parameters changed (None removes)."""
        left = self.encoded | {
            name: urlencode({name: value}) if value is not None else "" for name, value in changes.items()
        }
        return "?" + "&".join(filter(None, left.values()))

    @cached_property
    def encoded(self) -> dict[str, str]:
        """Each parameter of the URL as it stands in a query string."""
        return {name: urlencode([(name, v) for v in values]) for name, values in self.params.lists()}

    @property
    def previous_query(self) -> str:
        """The page before."""
        return self.query(page=self.slice.previous_page_number()) if self.slice.has_previous() else ""

    @property
    def next_query(self) -> str:
        """The page after."""
        return self.query(page=self.slice.next_page_number()) if self.slice.has_next() else ""

    @property
    def state(self) -> str:
        """The query string without the page: what a saved view or an export keeps."""
        return self.query(page=None).removeprefix("?")

    @property
    def without_search(self) -> str:
        """The query string without the search words."""
        return self.query(q=None, page=None)


def css_of(column: Column) -> str:
    """The classes of a column's cells."""
    return f"{column.css} on-phone" if column.phone or column.pinned else column.css
