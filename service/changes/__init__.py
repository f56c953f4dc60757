"""What HR systems follow: one row for each change and each organisation that is party.

Decisions: numbers are dense within an organisation and a stream and are given by the
database at commit, with the head of each stream locked until the commit is done, so the
order of numbers is the order of commits and a client can prove that it missed nothing.
Paging by id, by time or by commit timestamp loses rows. Feedback has no stream: a feed
that moves when a rater acts betrays the rater. A change carries no data: whoever reads
it reads the entity as it is then.
"""
