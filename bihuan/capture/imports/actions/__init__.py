"""The one way in for files: a mapping is read, checked as a whole, then carried out table by table; or it is drafted first."""

from bihuan.capture.imports.actions.drafts import (
    Look,
    draft_of_file,
    look,
    mapping_text,
    nouns_for,
    stored_keys,
)
from bihuan.capture.imports.actions.files import FileRefused
from bihuan.capture.imports.actions.guided import (
    draft_of_upload,
    drop_mapping,
    file_of,
    forget_draft,
    import_draft,
    keep_mapping,
    kept_file,
    kept_for,
    redraft,
    save_draft,
    start_draft,
)
from bihuan.capture.imports.actions.mappings import check_mapping, load_mapping
from bihuan.capture.imports.actions.preview import Preview, preview_mapping
from bihuan.capture.imports.actions.run import run_import
from bihuan.capture.imports.actions.uploads import forget_files, mapping_of, start_upload, uploads
from bihuan.capture.imports.rules import MappingRefused, Report

__all__ = [
    "FileRefused",
    "Look",
    "MappingRefused",
    "Preview",
    "Report",
    "check_mapping",
    "draft_of_file",
    "draft_of_upload",
    "drop_mapping",
    "file_of",
    "forget_draft",
    "forget_files",
    "import_draft",
    "keep_mapping",
    "kept_file",
    "kept_for",
    "load_mapping",
    "look",
    "mapping_of",
    "mapping_text",
    "nouns_for",
    "preview_mapping",
    "redraft",
    "run_import",
    "save_draft",
    "start_draft",
    "start_upload",
    "stored_keys",
    "uploads",
]
