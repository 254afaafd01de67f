"""The HTTP doors of ingest: the raw capture app for SDKs, its description, and REST for reading."""

from bihuan.capture.ingest.api.described import describe_capture as describe
from bihuan.capture.ingest.api.rest import router

__all__ = ["describe", "router"]
