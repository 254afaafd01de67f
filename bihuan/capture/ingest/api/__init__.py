"""The HTTP doors of ingest: the raw capture app for SDKs, and REST for reading."""

from bihuan.capture.ingest.api.rest import router

__all__ = ["router"]
