"""The devices of persons: enrolled after signing in, revoked at once when they are lost."""

from sapparot.people.devices.revoked import Revoked

__all__ = ["Revoked"]
