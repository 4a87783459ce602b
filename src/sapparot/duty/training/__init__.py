"""Training: short lessons, and a quiz that unlocks reporting. Both are data."""
