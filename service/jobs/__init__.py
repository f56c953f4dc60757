"""What the service does by itself: tells people, and forgets what it need not keep.

Decisions: a job says what is due by the clock it is given and may run anywhere, any
number of times; two instances that run it at once do no harm. What people are told
commits with what it tells of (`outbox`) and is sent afterwards (`worker`); a mail holds
nothing that whoever it is forwarded to may not know (`mail`).
"""
