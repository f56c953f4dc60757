"""Roles beyond manager, subject and rater, and what departments agreed to share.

Decisions: a role is granted in one organisation, until a date, by somebody else; line
manager, subject and rater are facts of the directory and are never granted. Nothing is
shared between two organisations without an agreement in force on that day, and an
agreement covers both directions.
"""
