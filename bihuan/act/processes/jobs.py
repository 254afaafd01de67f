"""The library that ships comes with the first start, and what a new release adds with the night after."""

from django.utils.translation import gettext_lazy

from bihuan.act.processes.shipped import ship
from bihuan.base.access import system_actor
from bihuan.base.jobs import Run, job


@job("processes.ship", title=gettext_lazy("Bring in the process library"), every="30 2 * * *")
def bring_in(run: Run) -> None:
    """What is not here yet, by key; what is here stays as it is."""
    run.result({"brought": ship(by=system_actor("library"), at=run.at)})
