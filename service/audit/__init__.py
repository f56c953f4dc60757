"""Append-only: who changed, read or was sent what, in the transaction that did it.

Decisions: reads of personal data are audited as changes are; each release to a machine
is one Disclosure row holding the ids of the people it told about; the database itself
refuses to update, delete or truncate these rows, whoever asks.
"""
