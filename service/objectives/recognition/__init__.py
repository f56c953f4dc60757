"""Thanks from one department to a named contributor of another.

Decisions: a department thanks a contributor at most once a quarter of the appraisal
year, by somebody who takes part for it or manages one who does; nobody thanks
themselves or their own organisation, and what was said is never changed.
"""
