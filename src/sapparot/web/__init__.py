"""Pages for people, by audience; the last layer before the program itself."""
