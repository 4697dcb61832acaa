"""Answers used again for a question that asks the same in other words."""
