"""Objectives that departments own together.

Decisions: one lead record, and one accountable owner unless accountability is
collective; contributions hold whole percentages that sum to 100; agreed only when the
subject, the subject's line manager and each contributor's own line manager have agreed
to what it says now. A machine sees organisations, roles and shares of other
organisations, never a person of theirs. Whoever has left sees on while they share data
with all who are in it; whoever declined was never in it. What was drafted before it was
put to others stays with those who drafted it.
"""
