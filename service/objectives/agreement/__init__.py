"""Whose agreement an objective needs, and what they do instead of giving it."""
