"""The three-way comparison: board, signed form and the authority's figures, side by side, and why they differ."""
