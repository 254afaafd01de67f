"""Which accounts a play leaves alone: by a hash that needs no memory, so that a repeat meets the same arm."""

from hashlib import sha256

SPACE = 2**64


def arm_of(*, play: str, account_id: int, hold_out: int) -> str:
    """ "held" for `hold_out` percent of the accounts, else "treated". Another play shuffles anew; a greater share only adds
    accounts to the hold-out. The rule of experiments: the first 8 bytes of SHA-256("play:<key>:<account>") as a number."""
    point = int.from_bytes(sha256(f"play:{play}:{account_id}".encode()).digest()[:8], "big")
    return "held" if point * 100 < hold_out * SPACE else "treated"
