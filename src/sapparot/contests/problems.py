"""What can be wrong with an election."""


class DefinitionError(ValueError):
    """The entries that define an election do not fit together; the message says which part and why."""
