"""Why an evening cannot be drawn or played."""


class SumsImpossible(ValueError):
    """No whole numbers can have these sums."""


class SourceUnusable(ValueError):
    """The election folder lacks something that an evening cannot be drawn without."""


class DoorClosed(RuntimeError):
    """The system under test refused what it must take, or did not answer for too long."""
