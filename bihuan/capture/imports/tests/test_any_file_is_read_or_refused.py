"""Whatever is sent under the name of a table is read, or refused with the name of the file; nothing else happens."""

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bihuan.capture.imports.actions import FileRefused, look
from bihuan.capture.imports.actions.drafts import MOST_COLUMNS
from bihuan.capture.imports.rules.mapping import ENDINGS

STARTS = (
    b"",
    b"\xff\xfe",
    b"\xef\xbb\xbf",
    b"PK\x03\x04",
    b"PAR1",
    b"\x1f\x8b",
    "客户,名称\n".encode("gb18030"),
    b'{"a": 1}\n',
)
CONTENT = st.builds(
    bytes.__add__,
    st.sampled_from(STARTS),
    st.one_of(st.binary(max_size=60), st.text(max_size=60).map(lambda t: t.encode("utf-8", "ignore"))),
)


@settings(max_examples=200, deadline=None)
@given(ending=st.sampled_from(ENDINGS), content=CONTENT)
def test_any_bytes_are_a_table_or_refused(ending: str, content: bytes) -> None:
    with TemporaryDirectory() as folder:
        path = Path(folder) / f"a{ending}"
        path.write_bytes(content)
        assert read_or_refused(path)


def read_or_refused(path: Path) -> bool:
    try:
        return all(look(path).columns)
    except FileRefused as refused:
        return path.name in str(refused)


def test_a_table_of_too_many_columns_is_refused_with_a_remedy(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text(",".join(f"c{n}" for n in range(MOST_COLUMNS + 1)) + "\n", encoding="utf-8")
    with pytest.raises(FileRefused, match="301 columns.*write a mapping file"):
        look(path)
