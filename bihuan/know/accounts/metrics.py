"""What measures may say of the past of accounts and people: who belonged where. The fields of an account or a person are
overwritten, so nothing is declared of them."""

from bihuan.base.history import History, register_history

MEMBERSHIPS = register_history(History(
    table="accounts_membership", begins="starts_on", fixed=("account_id", "person_id"), dates=("ends_on",),
    changed=("ends_on",), row="membership_id", facts=("membership_ended", "accounts_imported"),
))  # fmt: skip
