"""The change feed as HR systems read it: everything once, and then only what changes.

Decisions: a position is one dense number for each organisation, so a client can prove
that it missed nothing, and `digest` that nothing is amiss; a page holds what things are
now, with their version, and not what they were; what is there no more for an
organisation is a tombstone; without a cursor the feed begins with all there is, in the
order of an immutable key, from a position read before; a page costs one statement, and
those that read what it tells of. What the day alone changes, where agreements to share
begin and end, is noted before it is read. Who may do less than their token says is
refused at the next page. Feedback has no stream.
"""
