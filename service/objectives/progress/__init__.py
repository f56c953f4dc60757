"""How an objective gets on: milestones, indicators, one status, dissents beside it.

Decisions: one current status, reported by an accountable owner alone, and every earlier
one kept; a partner dissents from the status that it has read, beside it and never
instead of it. A target that moves is a report: nobody agrees to it, and what it was
stays readable. Readings are corrected by readings, never rewritten.
"""
