"""Publishing: results as immutable files, and word of them as events."""
