"""Why an evening cannot be drawn or played."""

from sapparot.base.problems import CannotGoOn


class SumsImpossible(ValueError):
    """No whole numbers can have these sums."""


class SourceUnusable(CannotGoOn, ValueError):
    """The election folder lacks something that an evening cannot be drawn without."""


class DoorClosed(CannotGoOn, RuntimeError):
    """The system under test refused what it must take, or did not answer for too long."""
