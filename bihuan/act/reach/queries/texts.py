"""A template with values in its places, in the reader's language."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from bihuan.act.reach.models import Template
from bihuan.act.reach.rules.mail import one_line
from bihuan.act.reach.rules.placeholders import filled, names_in
from bihuan.know.accounts.models import Account, Person

#: A value may be the whole text that a play says.
MOST_VALUE = 2_000


@dataclass(frozen=True, kw_only=True)
class Text:
    """What a reader gets; `language` is zh-hans or en."""

    language: str
    subject: str
    body: str
    link_words: str


def language_for(person: Person | None, *, template: Template) -> str:
    """The person's own (property `language`), else the installation's; Chinese when the template has no English."""
    own = (
        str(person.props.get("language", "")) if person is not None and isinstance(person.props, dict) else ""
    )
    wanted = own or settings.LANGUAGE_CODE
    return "en" if wanted.lower().startswith("en") and template.body_en else "zh-hans"


def values_for(
    *, account: Account | None, person: Person | None, my_name: str, data: Mapping[str, Any]
) -> dict[str, str]:
    """What stands in the places of a template."""
    found = {"my_name": my_name}
    if person is not None:
        found |= {"person.name": person.name, "person.title": person.title}
    if account is not None:
        short = account.short_name or account.name
        found |= {"account.name": account.name, "account.short_name": short, "account.industry": account.industry,
                  "account.city": account.city}  # fmt: skip
    return found | {
        f"data.{name}": "" if value is None else str(value)[:MOST_VALUE] for name, value in data.items()
    }


def names_a_person(template: Template) -> bool:
    """Whether its text needs somebody: a group and a program are nobody."""
    texts = (template.subject_zh, template.body_zh, template.subject_en, template.body_en)
    return any(name.startswith("person.") for text in texts for name in names_in(text))


def rendered(
    *, template: Template, account: Account | None, person: Person | None, my_name: str, data: Mapping[str, Any] | None = None,
    language: str = "",
) -> Text:  # fmt: skip
    """The text for this reader. Values are text: what they hold is never read as placeholders or markup."""
    spoken = language or language_for(person, template=template)
    values = values_for(account=account, person=person, my_name=my_name, data=data or {})
    english = spoken == "en"
    subject = filled(template.subject_en if english else template.subject_zh, values)
    body = filled(template.body_en if english else template.body_zh, values)
    return Text(
        language=spoken, subject=one_line(subject)[:300], body=body,
        link_words=(template.link_en if english else template.link_zh) if template.link else "",
    )  # fmt: skip
