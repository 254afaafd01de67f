"""What those who sent something are told about it."""

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bihuan.base.notices import notice_kind

UNCLEAR, FAILED = "reach.unclear", "reach.failed"

notice_kind(
    UNCLEAR, title=gettext_lazy("It is not known whether a message of yours arrived"), icon="send", order=60,
    permission="reach.send",
    say=lambda args: _("Nobody knows whether “%(subject)s” arrived: send it again, or say that it did.")
    % {"subject": args["subject"]},
)  # fmt: skip
notice_kind(
    FAILED, title=gettext_lazy("A message of yours could not be sent"), icon="send", order=61, permission="reach.send",
    say=lambda args: _("“%(subject)s” could not be sent: %(why)s") % {"subject": args["subject"], "why": args["why"]},
)  # fmt: skip
