"""What readers open from outside: the inbox in a customer's product, links of letters, unsubscribing. Nothing of ours is read
here without a signature: of the customer's server for an inbox, of ours for a link."""

import json
import time
from functools import cache
from pathlib import Path
from typing import Any

from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods

from bihuan.act.reach import actions
from bihuan.act.reach.actions.consent import BY_LINK
from bihuan.act.reach.actions.reading import CLICKED, CLOSED, OPENED, reader
from bihuan.act.reach.models import Channel, Kind, Message, OptOut
from bihuan.act.reach.queries import (
    channel_named,
    inbox_of,
    message_of_click,
    message_of_sight,
    person_of_leave,
    reader_of,
)
from bihuan.act.reach.rules.identity import is_storable
from bihuan.act.reach.rules.links import is_web_link
from bihuan.act.reach.rules.pace import Pace
from bihuan.base.access import public
from bihuan.base.ui import assets

MOST_BYTES = 8_192
#: An inbox is read once a minute by each page that is seen: a reader has at most sixty of them, an office behind one address
#: 1,200. Only reading is counted: an opening or a click that comes too often is still kept (once), so none is ever lost.
OF_A_READER, OF_AN_ADDRESS = Pace(most=60), Pace(most=1_200)
#: One transparent dot.
DOT = (b"GIF89a\x01\x00\x01\x00\x80\x00\x00\x00\x00\x00\xff\xff\xff!\xf9\x04\x01\x00\x00\x00\x00,\x00\x00\x00\x00\x01\x00\x01"
       b"\x00\x00\x02\x02D\x01\x00;")  # fmt: skip
#: Any page may ask: what is asked carries its own proof, and no cookie is looked at.
CORS = {
    "access-control-allow-origin": "*", "access-control-allow-methods": "POST, OPTIONS",
    "access-control-allow-headers": "content-type", "access-control-max-age": "86400", "cache-control": "no-store",
}  # fmt: skip


def _answer(status: int, body: dict[str, Any] | None = None) -> HttpResponse:
    found = HttpResponse(status=204) if body is None else JsonResponse(body, status=status)
    for name, value in CORS.items():
        found[name] = value
    return found


def _asked(request: HttpRequest) -> dict[str, Any] | None:
    """The JSON object of a small body, whatever it is called: text/plain spares the browser a question beforehand."""
    raw = request.read(MOST_BYTES + 1)  # a length that is said can be wrong, or missing
    if len(raw) > MOST_BYTES:
        return None
    try:
        found = json.loads(raw)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _proved(said: dict[str, Any]) -> tuple[Channel, int] | HttpResponse:
    """The channel and the person who was proved; else what to answer."""
    texts = {name: said.get(name, "") for name in ("channel", "id", "signature", "token")}
    if not all(isinstance(one, str) and is_storable(one) for one in texts.values()):
        return _answer(400, {"detail": "channel, id, signature and token are texts."})
    channel = channel_named(texts["channel"])
    if channel is None:
        return _answer(404, {"detail": "There is no such inbox."})
    person = reader_of(
        channel,
        distinct_id=texts["id"],
        signature=texts["signature"],
        token=texts["token"],
        at=timezone.now(),
    )
    if person is None:
        detail = "Send the signature of the id (HMAC-SHA256 with the channel's secret, hex), or a JWT (key: jwt: + secret)."
        return _answer(403, {"detail": detail})
    return channel, person


def _too_often(request: HttpRequest, said: dict[str, Any]) -> bool:
    """Before the proof is looked at, which costs more than counting."""
    now, address = time.monotonic(), request.META.get("REMOTE_ADDR", "")
    who = (address, str(said.get("channel"))[:40], str(said.get("id") or said.get("token"))[:300])
    return not (OF_AN_ADDRESS.allows(address, at=now) and OF_A_READER.allows(who, at=now))


@public
@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def inbox(request: HttpRequest) -> HttpResponse:
    """The messages of whoever the body proves to be."""
    if request.method == "OPTIONS":
        return _answer(204)
    said = _asked(request)
    if said is None:
        return _answer(400, {"detail": "Send a small JSON object."})
    if _too_often(request, said):
        slower = _answer(429, {"detail": "Ask once a minute; try again in a minute."})
        slower["retry-after"] = "60"
        return slower
    proved = _proved(said)
    if isinstance(proved, HttpResponse):
        return proved
    channel, person = proved
    now = timezone.now()
    actions.show_waiting(channel=channel, person_id=person, at=now)
    messages = inbox_of(channel=channel, person_id=person, at=now)
    return _answer(200, {"messages": messages, "unread": sum(not one["opened"] for one in messages)})


@public
@csrf_exempt
@require_http_methods(["POST", "OPTIONS"])
def seen(request: HttpRequest) -> HttpResponse:
    """The reader opened, followed or closed a message of their own."""
    if request.method == "OPTIONS":
        return _answer(204)
    said = _asked(request)
    if said is None:
        return _answer(400, {"detail": "Send a small JSON object."})
    proved = _proved(said)
    if isinstance(proved, HttpResponse):
        return proved
    channel, person = proved
    if said.get("what") not in (OPENED, CLICKED, CLOSED) or not isinstance(said.get("message"), str):
        return _answer(400, {"detail": "Say what: opened, clicked or closed; and the message's id."})
    try:
        row = Message.objects.get(uid=said["message"][:40], channel=channel, person=person)
    except (Message.DoesNotExist, ValueError, TypeError, ValidationError):
        return _answer(404, {"detail": "There is no such message."})
    actions.note_reading(message=row, what=said["what"], at=timezone.now())
    return _answer(204)


@cache
def _script() -> bytes:
    return (Path(assets.__file__).parent / "static" / "dist" / "reach.js").read_bytes()


@public
@require_GET
def script(request: HttpRequest) -> HttpResponse:
    """The script that a product embeds, under an address that stays."""
    try:
        found = HttpResponse(_script(), content_type="text/javascript; charset=utf-8")
    except FileNotFoundError:
        raise Http404 from None
    found["cache-control"] = "public, max-age=300"
    found["access-control-allow-origin"] = "*"
    found["cross-origin-resource-policy"] = "cross-origin"
    return found


@public
@require_http_methods(["GET", "HEAD"])
def click(request: HttpRequest, token: str) -> HttpResponse:
    """On to the link that the message itself holds, never to one of the address."""
    row = message_of_click(token)
    if row is None or not is_web_link(row.link):
        raise Http404
    if request.method == "GET":
        actions.note_reading(message=row, what=CLICKED, at=timezone.now())
    found = HttpResponseRedirect(row.link)
    found["cache-control"] = "no-store"
    found["referrer-policy"] = "no-referrer"
    return found


@public
@require_GET
def sight(request: HttpRequest, token: str) -> HttpResponse:
    """A dot whose loading says that a letter was opened: only in letters that were sent while that was wanted."""
    row = message_of_sight(token)
    if row is not None:
        actions.note_reading(message=row, what=OPENED, at=timezone.now())
    found = HttpResponse(DOT, content_type="image/gif")
    found["cache-control"] = "no-store"
    found["cross-origin-resource-policy"] = "cross-origin"
    return found


@public
@csrf_exempt
@require_http_methods(["GET", "POST"])
def leave(request: HttpRequest, token: str) -> HttpResponse:
    """No more letters: a page that asks (GET), done at once by a mail program's button or the page's (POST, RFC 8058)."""
    row = person_of_leave(token)
    if row is None or row.person is None:
        raise Http404
    now, done = timezone.now(), ""
    if request.method == "POST" and "again" in request.POST:
        for one in OptOut.objects.filter(person=row.person, kind=Kind.EMAIL):
            actions.opt_in(row=one, by=reader(row), at=now)
        done = "in"
    elif request.method == "POST":
        actions.opt_out(person=row.person, kind=Kind.EMAIL, how=BY_LINK, by=reader(row), at=now)
        done = "out"
    with translation.override(row.language):
        return render(
            request, "reach/leave.html", {"message": row, "done": done, "address": row.person.email}
        )
