"""What administrators are told about webhooks."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.notices import notice_kind

notice_kind(
    "webhooks.off", title=gettext_lazy("A webhook was switched off"), icon="plug", order=90,
    permission="webhooks.manage",
    say=lambda args: _("The webhook “%(name)s” was switched off: %(why)s") % {"name": args["name"], "why": args["why"]},
)  # fmt: skip
