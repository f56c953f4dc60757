"""The whole job, end to end, on an embedded database: what `joinedup demo` runs.

Decisions: the demo calls the same actions and the same HTTP as everybody else, with
simulated instants inside a past cycle, and leaves this year under way, for people to go
on with; it is repeatable by seed, and every step looks first at what is there, so that
a demo that was killed goes on where it stopped.
"""
