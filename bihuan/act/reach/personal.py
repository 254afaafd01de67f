"""What reach keeps of a person: messages to them with what they did with them, and what they declined."""

from typing import Any

from bihuan.act.reach.models import Message, OptOut, Silence, silence_of
from bihuan.base.personal import holds_personal
from bihuan.know.accounts.models import Person


def tell(person_id: int) -> dict[str, Any]:
    """Each message with its text, and what was declined."""
    told = Message.objects.filter(person_id=person_id).order_by("id")
    declined = OptOut.objects.filter(person_id=person_id).order_by("id")
    return {
        "messages": list(told.values("channel__kind", "subject", "body", "link", "state", "created_at", "sent_at", "opened_at",
                                     "clicked_at")),
        "declined": list(declined.values("kind", "how", "at")),
    }  # fmt: skip


def erase(person_id: int) -> int:
    """All of it, with its tries. Of what was declined a keyed digest of the address stays: who comes back by an import
    is not written to."""
    messages, _by_model = Message.objects.filter(person_id=person_id).delete()
    refused = OptOut.objects.filter(person_id=person_id)
    address = Person.objects.filter(pk=person_id).values_list("email", flat=True).first()
    if address:
        silent = [
            Silence(address=silence_of(address), kind=kind) for kind in refused.values_list("kind", flat=True)
        ]
        Silence.objects.bulk_create(silent, ignore_conflicts=True)
    declined, _by_model = refused.delete()
    return messages + declined


holds_personal("messages", tell=tell, erase=erase, order=40)
