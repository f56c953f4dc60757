"""Objectives that departments own together.

Decisions: one lead record and exactly one accountable owner; contributions hold whole
percentages that sum to 100; agreed only when the subject, the subject's line manager
and each contributor's own line manager have agreed to the same version. A machine sees
organisations, roles and shares of other organisations, never a person of theirs.
"""
