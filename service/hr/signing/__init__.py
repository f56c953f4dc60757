"""Signatures on published scores, so that whoever holds a row can check it years later.

Decisions: a signature is made of what was served, byte for byte the RFC 8785 form of
the row without it, by a key that signs nothing else. It is kept beside the row, made
when the row is first read and thrown away by the database whenever the row changes, so
that no row leaves without one and none is signed twice for nothing; ECDSA is used
without chance (RFC 6979), so that two who sign the same row at once write the same.
Keys are never unpublished: a row of an earlier version, or signed by an earlier key, is
as good as ever.
"""
