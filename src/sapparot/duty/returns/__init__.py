"""Returns: what every station of a constituency has sent so far, read from the log as it grows."""
