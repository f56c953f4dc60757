"""Keys that sign published rows, apart from those of tokens.

Decisions: the key that was made last signs; an earlier one loses its private part, and
its public part stays published for as long as anybody may hold a row, which is for
good. Tokens are never checked against these keys.
"""
