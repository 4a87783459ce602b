"""Coverage: which stations somebody watches, where people are missing most, and who has not come."""
