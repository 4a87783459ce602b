"""The pages of a network's organisers."""
