"""Pages of imports: the list and the reports, and the page on which a file's columns are told apart."""

from bihuan.capture.imports.pages.drafts import (
    NewImport,
    draft_page,
    drop,
    kept_file,
    mapping_file,
    preview,
)
from bihuan.capture.imports.pages.imports import Imports, MappedImport, import_page, report_file

__all__ = [
    "Imports",
    "MappedImport",
    "NewImport",
    "draft_page",
    "drop",
    "import_page",
    "kept_file",
    "mapping_file",
    "preview",
    "report_file",
]
