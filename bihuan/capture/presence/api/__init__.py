"""What programs ask of presence: REST, and the live stream."""

from bihuan.capture.presence.api.rest import router

__all__ = ["router"]
