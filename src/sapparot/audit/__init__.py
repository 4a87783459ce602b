"""The audit by strangers: a plain copy of what was published is checked, counted again and judged."""
