"""An e-mail as bytes: text and a plain HTML part, headers that no value breaks out of, one-click unsubscribing (RFC 8058)."""

import re
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]{0,250}[A-Za-z0-9])")


@dataclass(frozen=True, kw_only=True)
class Letter:
    """What is written to whom. `link` is where the button leads (already through our redirect), `seen` a picture's address that
    tells of opening, empty for none."""

    message_id: str
    sender: str
    sender_name: str
    to: str
    to_name: str
    subject: str
    text: str
    at: datetime
    language: str
    link: str = ""
    link_words: str = ""
    leave: str = ""
    leave_words: str = ""
    seen: str = ""


def one_line(text: str) -> str:
    """Without anything that could begin another header."""
    return _CONTROL.sub(" ", text).strip()


def is_address(text: str) -> bool:
    """Whether it is one plain address, such as lin@yunshan.example."""
    return len(text) <= 254 and _ADDRESS.fullmatch(text) is not None and ".." not in text


def mailbox(address: str, name: str) -> Address:
    """An address with a name; ValueError for what is no plain address."""
    if not is_address(address):
        raise ValueError(f"{address!r} is no e-mail address")
    return Address(display_name=one_line(name), addr_spec=address)


def letter_bytes(letter: Letter) -> bytes:
    """What the mail server is given; the same letter gives the same bytes. ValueError for an address that is none."""
    mail = EmailMessage(policy=SMTP)
    mail["Message-ID"] = letter.message_id
    mail["Date"] = format_datetime(letter.at)
    mail["From"] = mailbox(letter.sender, letter.sender_name)
    mail["To"] = mailbox(letter.to, letter.to_name)
    mail["Subject"] = one_line(letter.subject)
    if letter.leave:
        mail["List-Unsubscribe"] = f"<{letter.leave}>"
        mail["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mail.set_content(_text(letter), charset="utf-8", cte="base64")
    mail.add_alternative(_html(letter), subtype="html", charset="utf-8", cte="base64")
    mail.set_boundary(f"=_{letter.message_id.strip('<>').partition('@')[0]}")
    return mail.as_bytes()


def _text(letter: Letter) -> str:
    parts = [letter.text.strip()]
    if letter.link:
        parts.append(f"{letter.link_words}: {letter.link}" if letter.link_words else letter.link)
    if letter.leave:
        parts.append(f"--\n{letter.leave_words}: {letter.leave}")
    return "\n\n".join(parts) + "\n"


def _html(letter: Letter) -> str:
    paragraphs = re.split(r"\n\s*\n", letter.text.strip())
    inside = [f"<p>{escape(one).replace(chr(10), '<br>')}</p>" for one in paragraphs]
    if letter.link:
        inside.append(
            f'<p><a href="{escape(letter.link)}">{escape(letter.link_words or letter.link)}</a></p>'
        )
    if letter.leave:
        inside.append(
            f'<hr><p><small><a href="{escape(letter.leave)}">{escape(letter.leave_words)}</a></small></p>'
        )
    if letter.seen:
        inside.append(f'<img src="{escape(letter.seen)}" width="1" height="1" alt="">')
    return (
        f'<!doctype html>\n<html lang="{letter.language}"><body>\n' + "\n".join(inside) + "\n</body></html>\n"
    )
