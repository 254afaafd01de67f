"""A simulated company comes in through the importer's doors, whole and once."""

from datetime import date
from pathlib import Path

import pytest

from bihuan.base.access import system_actor
from bihuan.capture.sources.models import Source
from bihuan.capture.store import get_store
from bihuan.config.simulation import simulate
from bihuan.config.simulation.load import load_company
from bihuan.config.simulation.trials import NAMES
from bihuan.know.accounts.models import Account, Membership, Person
from tests.cast import NOW

BY = system_actor("simulate")


@pytest.mark.django_db
def test_a_company_is_stored_whole_and_loading_it_again_changes_nothing(event_home: Path) -> None:
    company = simulate(accounts=40, days=120, seed=7, until=date(2026, 11, 22))
    told: list[tuple[str, int, int]] = []
    loaded = load_company(company, by=BY, at=NOW, progress=lambda *step: told.append(step))
    assert Account.objects.filter(simulated=True).count() == 40
    assert Person.objects.filter(simulated=True).count() == company.people
    assert loaded.nouns["tickets"].created == company.tables["tickets"].num_rows
    assert loaded.nouns["contract_lines"].created == company.tables["contract_lines"].num_rows
    store = get_store()
    counts = store.execute("SELECT name, count(*) AS n FROM events GROUP BY name").to_pylist()
    of_trials = sum(row["n"] for row in counts if row["name"] in NAMES)
    assert loaded.events == store.log.rows() == sum(len(chunk) for chunk in company.events()) + of_trials
    assert told[-1][0] == "events"
    assert {name for name, _, _ in told} == {*company.tables, "events"}

    odd = store.execute("SELECT count(*) AS n FROM events WHERE account_id IS NULL OR person_id IS NULL")
    assert odd["n"][0].as_py() == 0
    row = store.execute(
        "SELECT person_id, account_id, day FROM events WHERE source_id > 0 LIMIT 1"
    ).to_pylist()[0]
    spells = Membership.objects.filter(person_id=row["person_id"], account_id=row["account_id"])
    assert spells.valid_on(row["day"]).exists()
    assert Source.objects.get(code="simulated").kind == Source.Kind.IMPORT

    again = load_company(company, by=BY, at=NOW)
    assert again.events == 0
    assert all((count.created, count.updated) == (0, 0) for count in again.nouns.values())
