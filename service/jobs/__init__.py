"""What the service does by itself: for now, forgetting what it need not keep.

Decisions: a job says what is due by the clock it is given and may run anywhere, any
number of times; two instances that run it at once do no harm.
"""
