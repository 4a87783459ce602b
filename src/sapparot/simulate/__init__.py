"""An election evening that never happened, driven through the real doors; the truth stays outside the system under test."""
