"""Who was asked about a record and who answered, opened by two people for an hour.

Decisions: an HR administrator asks, with a reason, and a data protection officer of the
same organisation approves; whoever holds both roles does neither. Nobody asks or
approves about themselves or about whoever answers to them. Every reading is told to
the data protection officers, and audited before the first byte leaves. The rater is not
told: the service cannot know whether an inquiry would suffer, or the law forbids it;
where the law says that they are, whoever asked tells them. Which answers are whose is
told to nobody, and not needed: it is the acting that is asked about, not the views.
"""
