"""Reports by text message: read, answered, and signed for who wrote them by the gateway."""
