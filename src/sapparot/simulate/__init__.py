"""An election evening that never happened, driven through the real doors."""
