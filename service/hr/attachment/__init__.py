"""What this service attaches to one appraisal record, whole.

Decision: it is read in a number of statements that does not grow with what is on it.
"""
