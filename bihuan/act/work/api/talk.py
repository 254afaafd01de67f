"""REST of what people leave at an item or an instance: comments, files, and links for those outside."""

from typing import Any

from django.core.files.storage import default_storage
from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from ninja import File, Router
from ninja.files import UploadedFile
from ninja.pagination import paginate

from bihuan.act.work import actions
from bihuan.act.work.api.instances import one as instance_of
from bihuan.act.work.api.items import item_of
from bihuan.act.work.api.shapes import CommentIn, CommentOut, FileOut, LinkIn, LinkMadeOut, LinkOut
from bihuan.act.work.models import Invitation
from bihuan.act.work.queries import file_for
from bihuan.base.access import Allow, actor_of
from bihuan.base.ui import download

DO = Allow("work.do")
BYTES = {200: {"description": "Its bytes", "content": {"application/octet-stream": {}}}}


def list_comments(request: HttpRequest, pk: int) -> Any:
    """Those of its whole instance, in their order."""
    return item_of(request, pk).instance.comments.prefetch_related("mentions")


def create_comment(request: HttpRequest, pk: int, body: CommentIn) -> Any:
    """Those who are mentioned are told."""
    item = item_of(request, pk)
    return 201, actions.comment(
        instance=item.instance, item=item, text=body.text, by=actor_of(request), at=timezone.now()
    )


def create_instance_comment(request: HttpRequest, pk: int, body: CommentIn) -> Any:
    """About the whole; those who are mentioned are told."""
    row = instance_of(request, pk)
    return 201, actions.comment(instance=row, text=body.text, by=actor_of(request), at=timezone.now())


def list_files(request: HttpRequest, pk: int) -> Any:
    """Those of its whole instance, in their order."""
    return item_of(request, pk).instance.files.all()


def create_file(request: HttpRequest, pk: int, file: File[UploadedFile]) -> Any:
    """At most 20 MB, and no kind that runs; its number answers a field of kind file."""
    item = item_of(request, pk)
    return 201, actions.attach(
        instance=item.instance,
        item=item,
        name=file.name or "",
        content=file,
        by=actor_of(request),
        at=timezone.now(),
    )


def download_file(request: HttpRequest, pk: int) -> Any:
    """Its bytes, always as a download; 404 for one at an instance of which one sees nothing."""
    row = file_for(actor_of(request), pk)
    if row is None:
        raise Http404
    return download(default_storage.open(row.place), name=row.name)


def list_links(request: HttpRequest, pk: int) -> Any:
    """The newest first, also those that were used or revoked."""
    return item_of(request, pk).invitations.all()


def create_link(request: HttpRequest, pk: int, body: LinkIn) -> Any:
    """Valid for two weeks and for one use; only for steps of customers and partners."""
    row, secret = actions.invite(
        item=item_of(request, pk), name=body.name, by=actor_of(request), at=timezone.now()
    )
    shown = {name: getattr(row, name) for name in LinkOut.model_fields}
    return 201, shown | {"url": request.build_absolute_uri(reverse("work:guest", args=[secret]))}


def revoke_link(request: HttpRequest, pk: int) -> Any:
    """It leads nowhere from now on."""
    row = get_object_or_404(Invitation.objects.visible_to(actor_of(request)), pk=pk)
    return actions.revoke(invitation=row, by=actor_of(request), at=timezone.now())


def add_talk(router: Router) -> None:
    """The operations on comments, files and links."""
    item = "/work-items/{int:pk}"
    router.get(f"{item}/comments", auth=DO, response=list[CommentOut], summary="List comments")(
        paginate(list_comments)
    )
    router.post(f"{item}/comments", auth=DO, response={201: CommentOut}, summary="Comment on a work item")(
        create_comment
    )
    router.post(
        "/instances/{int:pk}/comments", auth=Allow("work.see"), response={201: CommentOut}, summary="Comment on an instance"
    )(create_instance_comment)  # fmt: skip
    router.get(f"{item}/files", auth=DO, response=list[FileOut], summary="List files")(paginate(list_files))
    router.post(f"{item}/files", auth=DO, response={201: FileOut}, summary="Attach a file")(create_file)
    router.get(
        "/work-files/{int:pk}", auth=DO, summary="Download a file", openapi_extra={"responses": BYTES}
    )(download_file)  # fmt: skip
    router.get(f"{item}/links", auth=DO, response=list[LinkOut], summary="List links for those outside")(
        paginate(list_links)
    )
    router.post(
        f"{item}/links", auth=DO, response={201: LinkMadeOut}, summary="Make a link for somebody outside"
    )(create_link)
    router.post("/work-links/{int:pk}/revoke", auth=DO, response=LinkOut, summary="Revoke a link")(
        revoke_link
    )
