"""What can be wrong with what verify reads."""


class PolicyInvalid(ValueError):
    """A policy file cannot be used; the message says where it is wrong and what is expected there."""


class Unreadable(ValueError):
    """An entry is not what its kind says; the message is a stable word for the reason."""
