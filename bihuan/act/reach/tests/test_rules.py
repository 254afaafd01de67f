"""Placeholders, seals, addresses, and what follows from a journal, for whatever is thrown at them."""

from email import message_from_bytes
from email.policy import default

import pytest
from cast import NOW
from hypothesis import given
from hypothesis import strategies as st

from bihuan.act.reach.rules.links import is_web_link
from bihuan.act.reach.rules.mail import Letter, is_address, letter_bytes
from bihuan.act.reach.rules.pace import Pace
from bihuan.act.reach.rules.placeholders import NAMES, filled, unknown_in
from bihuan.act.reach.rules.recovery import Mark, Next, after_a_crash
from bihuan.act.reach.rules.sealing import opened, sealed


@given(st.text(max_size=200), st.sampled_from(NAMES))
def test_a_value_stands_once_where_its_name_stood(value, name):
    assert filled(f"<{{{{ {name} }}}}|{{{{{name}}}}}>", {name: value}) == f"<{value}|{value}>"


@pytest.mark.parametrize("text", ["{{ person.salary }}", "{{ person.__class__ }}", "{{ a|safe }}", "{{", "a }}", "{{ {{ my_name }} }}",
                                  "{{ data.X }}", "{{ data. }}", "{{}}"])  # fmt: skip
def test_what_nobody_knows_is_found(text):
    assert unknown_in([text])


@given(st.text(max_size=300), st.binary(min_size=1, max_size=64))
def test_what_was_sealed_is_opened_with_the_same_key_only(text, key):
    made = sealed(text, key=key)
    assert opened(made, key=key) == text and made != sealed(text, key=key)
    with pytest.raises(ValueError, match="another key"):
        opened(made, key=key + b"x")


def test_a_changed_seal_does_not_open():
    made = sealed("secret", key=b"k")
    with pytest.raises(ValueError, match="another key"):
        opened(("B" if made[0] == "A" else "A") + made[1:], key=b"k")


@given(subject=st.text(max_size=200), name=st.text(max_size=80), text=st.text(max_size=500))
def test_no_value_makes_a_header_of_its_own(subject, name, text):
    letter = Letter(message_id="<a@b.example>", sender="us@b.example", sender_name=name, to="you@c.example", to_name=name,
                    subject=subject, text=text, at=NOW, language="en", leave="https://b.example/u")  # fmt: skip
    found = message_from_bytes(letter_bytes(letter), policy=default)
    assert set(found.keys()) == {
        "Message-ID", "Date", "From", "To", "Subject", "List-Unsubscribe", "List-Unsubscribe-Post", "MIME-Version", "Content-Type",
    }  # fmt: skip
    assert [one.addr_spec for one in found["To"].addresses] == ["you@c.example"]
    assert letter_bytes(letter) == letter_bytes(letter), "the same letter is the same bytes"


@pytest.mark.parametrize(
    "text",
    ["", "a", "a@", "@b.c", "a@b,c@d.e", "a@b.c\r\nBcc: x@y.z", "a b@c.d", "<a@b.c>", "a@b..c", "é@b.c"],
)
def test_what_is_no_plain_address_is_refused(text):
    assert not is_address(text)


@pytest.mark.parametrize(("text", "good"), [
    ("https://a.example/x?y=1#z", True), ("http://a.example", True), ("javascript:alert(1)", False), ("//a.example", False),
    ("https://", False), ("https://u@a.example", False), ("https://a.example/ x", False), ("data:text/html,x", False),
    ("https:\\\\a.example", False), ("https://a.example:99999", False), ("HTTPS://A.example", True),
])  # fmt: skip
def test_links_lead_to_the_web_only(text, good):
    assert is_web_link(text) is good


@pytest.mark.parametrize(("mark", "idempotent", "same", "then"), [
    (Mark.NONE, False, True, Next.SEND), (Mark.NONE, False, False, Next.SEND), (Mark.HANDING, False, True, Next.SEND),
    (Mark.HANDING, False, False, Next.ASK), (Mark.HANDED, False, True, Next.SENT), (Mark.HANDED, False, False, Next.ASK),
    (Mark.ANSWERED, False, False, Next.ANSWER), (Mark.HANDED, True, False, Next.SEND), (Mark.HANDING, True, True, Next.SEND),
])  # fmt: skip
def test_a_journal_says_what_becomes_of_a_message(mark, idempotent, same, then):
    assert after_a_crash(mark=mark, idempotent=idempotent, same_machine_life=same) == then


@given(most=st.integers(1, 20), asked=st.lists(st.integers(0, 3), max_size=120))
def test_each_key_is_let_through_so_often_a_minute_whoever_else_asks(most, asked):
    pace = Pace(most=most)
    through = [key for key in asked if pace.allows(key, at=30.0)]
    assert all(through.count(key) == min(most, asked.count(key)) for key in set(asked))
    assert pace.allows(0, at=60.0), "the next minute begins anew"
