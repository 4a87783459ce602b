"""One election evening on one machine: the nation, its volunteers, the servers, and the summary of what came of it."""
