"""Whether simulated data is in the installation; asked at most once a minute."""

from django.core.cache import cache

from bihuan.know.accounts.models import Account

KEY = "site.simulated"


def present() -> bool:
    """Whether any account is simulated."""
    found: bool | None = cache.get(KEY)
    if found is None:
        found = Account.objects.filter(simulated=True).exists()
        cache.set(KEY, found, 60)
    return found
