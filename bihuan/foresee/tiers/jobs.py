"""Work of tiers in the background."""

from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.foresee.tiers.actions import APPLY, apply_rules, end_expired
from bihuan.know.staff.models import Staff


@job(APPLY, title=_("Apply the tier rules"), attempts=3)
def apply(run: Run) -> None:
    """For whoever asked, in the territory and with the rights that they have now; what is done stays when it is stopped."""
    staff = Staff.objects.filter(pk=run.row.by_id or 0, is_active=True).first()
    if staff is None or not staff.actor().may("tiers.edit"):
        run.result({"refused": str(_("Whoever asked for it may not apply the rules any more."))})
        return
    try:
        moves = apply_rules(
            by=staff.actor(), at=run.at, progress=lambda done, total: run.progress(done=done, total=total)
        )
    except ValidationError as error:
        run.result({"refused": " ".join(error.messages)})
        return
    run.result({"moved": len(moves)})


@job("tiers.expire", title=_("End exceptions from the tier rules"), every="10 0 * * *")
def expire(run: Run) -> None:
    """Those whose time is over; the accounts go where the rules put them."""
    run.result({"ended": end_expired(by=run.by, at=run.at)})
