"""The one way in for files: a mapping is read, checked as a whole, then carried out table by table."""

from bihuan.capture.imports.actions.files import FileRefused
from bihuan.capture.imports.actions.mappings import check_mapping, load_mapping
from bihuan.capture.imports.actions.run import run_import
from bihuan.capture.imports.actions.uploads import forget_files, mapping_of, start_upload, uploads
from bihuan.capture.imports.rules import MappingRefused, Report

__all__ = [
    "FileRefused",
    "MappingRefused",
    "Report",
    "check_mapping",
    "forget_files",
    "load_mapping",
    "mapping_of",
    "run_import",
    "start_upload",
    "uploads",
]
