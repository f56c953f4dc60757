"""The audit is searched by organisation, the latest first.

An entry says when what it is about began; an import that takes minutes writes its own
after what others did meanwhile. So the order is that of the instants, and of the
numbers where they are equal; without an index each page would sort all of it.
"""

UP = """
CREATE INDEX audit_entry_latest ON audit_entry (organisation, at, id);
"""

DOWN = "DROP INDEX audit_entry_latest;"
