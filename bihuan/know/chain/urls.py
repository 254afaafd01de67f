"""Addresses of decision chains."""

from django.urls import path, register_converter

from bihuan.know.chain import pages


class Step:
    """What can be done with a member."""

    regex = "contacted|remove"

    def to_python(self, value: str) -> str:
        """As it stands."""
        return value

    def to_url(self, value: str) -> str:
        """As it stands."""
        return value


register_converter(Step, "chainstep")

app_name = "chain"
urlpatterns = [
    path("accounts/<int:account>/chain/new/", pages.NewMember.as_view(), name="new"),
    path("accounts/<int:account>/chain/<int:pk>/", pages.EditMember.as_view(), name="edit"),
    path("accounts/<int:account>/chain/<int:pk>/<chainstep:step>/", pages.move_member, name="move"),
]
