"""Reports by text message: read, answered, and signed for who wrote them by the gateway."""

from sapparot.texting.store import forget, tell, unbind

__all__ = ["forget", "tell", "unbind"]
