"""What sets plays off, and what is decided on the bench. Each may run twice: the origin of a run is its own once."""

from bihuan.act.plays import actions
from bihuan.act.plays.events import PlayConfirmed
from bihuan.act.plays.models import PlayRun
from bihuan.act.work.events import StepDone
from bihuan.base.access import system_actor
from bihuan.base.bus import Delivery, reaction
from bihuan.foresee.signals.events import SignalRaised
from bihuan.know.accounts.events import AccountChanged


@reaction(SignalRaised)
def meet_the_signal(fact: SignalRaised, *, context: Delivery) -> None:
    """The plays that wait for this kind of signal."""
    actions.meet_signal(
        signal_id=fact.signal_id, kind=fact.kind, severity=fact.severity, account_id=fact.account_id, person_id=fact.person_id,
        by=system_actor("plays"), at=context.at,
    )  # fmt: skip


@reaction(AccountChanged)
def meet_the_stage(fact: AccountChanged, *, context: Delivery) -> None:
    """The plays of the stage that an account entered."""
    stage = fact.after.get("stage")
    if isinstance(stage, str):
        actions.meet_stage(
            account_id=fact.account_id,
            stage=stage,
            uid=str(context.uid),
            by=system_actor("plays"),
            at=context.at,
        )


@reaction(StepDone)
def settle_what_was_decided(fact: StepDone, *, context: Delivery) -> None:
    """A proposal that was decided on the bench instead of on its page."""
    if fact.process_key == "play_proposal":
        actions.settle_item(item_id=fact.item_id, at=context.at)


@reaction(PlayConfirmed)
def begin_at_once(fact: PlayConfirmed, *, context: Delivery) -> None:
    """The steps of an automatic play; those of a confirmed one become due when it cannot be taken back any more."""
    run = PlayRun.objects.filter(pk=fact.run_id).first()
    if run is not None:
        actions.carry_run(run=run, at=context.at)
