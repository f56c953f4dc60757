"""What explains a score, kept with it and read by its subject and line manager.

Decisions: exact lines are kept with the computation, so that whoever verifies a score
can add them up, in a table that no machine's transaction sees; what is told of them is
rounded when the score is computed and never worked out again. Who has no number has no
exact lines either; a band without a number is kept here, because only two people read
it. That a score is withheld in review leaves the computation as it was, and nothing of
it is told.
"""
