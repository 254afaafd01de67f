"""REST of annotations."""

from datetime import date, datetime
from typing import Annotated, Any

from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.utils import timezone
from ninja import Field, Query, Router, Schema
from ninja.errors import HttpError
from ninja.pagination import paginate

from bihuan.base.access import Allow, actor_of
from bihuan.know.products.models import Product
from bihuan.understand.annotations import actions
from bihuan.understand.annotations.models import Annotation, AnnotationKind

router = Router(tags=["Annotations"])
Key = Annotated[int, Field(ge=1, le=2**63 - 1)]


class AnnotationIn(Schema):
    """What happened on `first_on`, or on every day up to `last_on`."""

    title: str = Field(..., min_length=1, max_length=80, examples=["版本 3.2 上线"])
    kind: AnnotationKind = AnnotationKind.RELEASE
    first_on: date = Field(..., examples=["2026-11-02"])
    last_on: date | None = None
    product_id: Key | None = None


class AnnotationPatch(Schema):
    """What to change; fields that are absent stay."""

    title: str | None = Field(None, min_length=1, max_length=80)
    kind: AnnotationKind | None = None
    first_on: date | None = None
    last_on: date | None = None
    product_id: Key | None = None


class AnnotationOut(Schema):
    """An annotation."""

    id: int
    title: str
    kind: str
    first_on: date
    last_on: date | None
    product_id: int | None
    author_id: int | None
    changed_at: datetime


class Days(Schema):
    """Only what happened on one of these days; both are inclusive and may be left out."""

    first: date = date(1900, 1, 1)
    last: date = date(2200, 12, 31)


def _said(body: AnnotationIn | AnnotationPatch, **how: Any) -> dict[str, Any]:
    said = body.dict(**how)
    if "product_id" in said:
        key = said.pop("product_id")
        said["product"] = None if key is None else Product.objects.filter(pk=key).first()
        if key is not None and said["product"] is None:
            raise HttpError(422, f"There is no product {key}.")
    return said


@router.get(
    "/annotations", auth=Allow("annotations.view"), response=list[AnnotationOut], summary="List annotations"
)
@paginate
def list_annotations(request: HttpRequest, days: Query[Days]) -> Any:
    """The latest first."""
    return Annotation.objects.kept().between(days.first, days.last)


@router.post(
    "/annotations", auth=Allow("annotations.edit"), response={201: AnnotationOut}, summary="Add an annotation"
)
def create_annotation(request: HttpRequest, body: AnnotationIn) -> Any:
    """A pipeline may write down its releases this way; 422 names the field that is wrong."""
    return 201, actions.add_annotation(by=actor_of(request), at=timezone.now(), **_said(body))


@router.get(
    "/annotations/{int:pk}",
    auth=Allow("annotations.view"),
    response=AnnotationOut,
    summary="Read an annotation",
)
def read_annotation(request: HttpRequest, pk: int) -> Any:
    """One that was not removed."""
    return get_object_or_404(Annotation.objects.kept(), pk=pk)


@router.patch(
    "/annotations/{int:pk}",
    auth=Allow("annotations.edit"),
    response=AnnotationOut,
    summary="Change an annotation",
)
def update_annotation(request: HttpRequest, pk: int, body: AnnotationPatch) -> Any:
    """`last_on` and `product_id` may be set to null."""
    row = get_object_or_404(Annotation.objects.kept(), pk=pk)
    said = _said(body, exclude_unset=True)
    for name in ("title", "kind", "first_on"):
        if said.get(name, "") is None:
            raise HttpError(422, f"{name}: it cannot be empty.")
    return actions.change_annotation(annotation=row, by=actor_of(request), at=timezone.now(), **said)


@router.delete(
    "/annotations/{int:pk}",
    auth=Allow("annotations.edit"),
    response={204: None},
    summary="Remove an annotation",
)
def remove_annotation(request: HttpRequest, pk: int) -> Any:
    """No chart tells it any more."""
    row = get_object_or_404(Annotation.objects.kept(), pk=pk)
    actions.remove_annotation(annotation=row, by=actor_of(request), at=timezone.now())
    return 204, None
