"""Cards of records, shown inside pages of HR portals.

Decisions: a portal's own server asks for a link, by its token, for each time it shows
its page; the link is signed, serves for five minutes, and asks for no sign-in, so it
shows what the HR system itself may read of the record and nothing more. Only the hosts
that the organisation registered may frame it. What the client may do is looked up again
when the link is opened.
"""
