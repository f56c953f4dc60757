"""The form a rater fills in: what it asks, what it refuses, and how its words are kept.

Decisions: a published version never changes, and its SHA-256 stands beside its name;
an answer that was not observed is null and never nought; words that may give a rater
away are pointed out to the rater, never blocked and never to anybody else; text is
stored sealed, under a key that is not in the database.
"""
