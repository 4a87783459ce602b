"""Check-ins: people say that they are at their station, also later when there was no network."""
