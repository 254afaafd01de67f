"""The desk, at hand in every test of the importer."""

from pathlib import Path

import pytest

from bihuan.capture.imports.tests.desk import Desk


@pytest.fixture
def desk(db: None, tmp_path: Path, event_home: Path) -> Desk:
    folder = tmp_path / "desk"
    folder.mkdir()
    return Desk(folder=folder)
