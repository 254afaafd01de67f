"""Work behind the pages of accounts."""

from django.utils.translation import gettext_lazy as _

from bihuan.base.jobs import Run, job
from bihuan.know.accounts.actions import erase_person


@job("accounts.erase_person", title=_("Erase a person"))
def erase(run: Run, *, person_id: int) -> None:
    """Everything that is kept of the person."""
    gone = erase_person(
        person_id=person_id,
        by=run.by,
        at=run.at,
        told=lambda done, total: run.progress(done=done, total=total),
    )
    run.result({"erased": gone})
