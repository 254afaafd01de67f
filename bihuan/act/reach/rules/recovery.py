"""After a crash: what is known about a message that was being sent, from what was noted before and after its last byte."""

from enum import StrEnum


class Mark(StrEnum):
    """What the sender had written down: nothing, that it is about to give away the last byte, that it has, the answer."""

    NONE = "none"
    HANDING = "handing"
    HANDED = "handed"
    ANSWERED = "answered"


class Next(StrEnum):
    """What becomes of the message."""

    SEND = "send"
    SENT = "sent"
    ANSWER = "answer"
    ASK = "ask"


def after_a_crash(*, mark: Mark, idempotent: bool, same_machine_life: bool) -> Next:
    """Whoever receives it knows it by its id (`idempotent`): send again. Else the last byte decides: before it nothing was
    delivered; after it the kernel delivers though we are gone, as long as the machine lived. What cannot be known is asked."""
    if mark == Mark.ANSWERED:
        return Next.ANSWER
    if idempotent or mark == Mark.NONE:
        return Next.SEND
    if not same_machine_life:
        return Next.ASK
    return Next.SENT if mark == Mark.HANDED else Next.SEND
