"""Pages for everybody: the live result, its areas, every station and its sheets."""
