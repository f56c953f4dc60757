"""What feedback comes to for whom it is about, once it is released, and their reply.

Decisions: what is shown is worked out once, in the act of release, and kept as shown:
reading it reads no form. Figures go through `service.suppression`. An example is shown
without its behaviour, and examples only where their number does not tell how many
answers lay between the extremes, since an extreme answer asks for one. Categories are
by what the feedback rests on; organisations are not told apart, as raters would be.
"""
