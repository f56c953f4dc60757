"""What HR systems pull: scores of their own organisations' people, page by page.

Decisions: only what is published is there; every row that leaves is on a Disclosure row
in the same transaction; pages go by an immutable key, so that writes lose and repeat
nothing; people of other organisations do not exist here. PostgreSQL writes a score, as
JSON and as CSV, from one description (`document`): a row means the same in every
format, and reading it costs Python next to nothing.
"""
