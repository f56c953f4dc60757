"""Signals of gaming, for people to look into: never a penalty, never a name.

Decisions:

- Forms are compared by what they say beyond their subject and their rater (the crossed
  model of the score's design, by moments): a severe rater is not hostile, and a good
  colleague's friends are no ring. Scores themselves are not touched by it.
- To name who belongs to a pair or a ring is to name raters, and so it is, with the pool
  known, to list whose forms one rater gave. Of these only counts are told, none below
  five, to whoever runs the service and to reviewers, and after the release to the
  central team; who is behind them is for break-glass. People stand in the arithmetic
  under pseudonyms of a key that is thrown away.
- What is told by record is that one form moves its score by more than a standard error,
  of those records that have a number at all; not which way, and to reviewers as more
  than one or more than two, since the form could be worked out from the figure.
- Reviewers are text moderators, by the same rule: of an organisation that is nobody's
  in the subject's line or pool. HR administrators are none: they know the subject,
  publish the score, and before the release would learn that people enough answered. A
  reviewer sees a random name for the score, a band of raters, and neither subject,
  organisation nor score; beside them how many would stand out by chance.
- Looking judges as method `mean` scores. Once a cycle is computed by another method,
  what hangs on one form by that one waits instead, and looking again leaves it; what
  was decided stays. How many that is by chance is told of `mean` alone.
- Somebody decides once, between closing and release, with a reason: no action, or the
  score is withheld when it is published. Where nobody decides, it is published. Who
  decided, when and why is kept in a table that only grows, and read by the subject's
  organisation's auditors after the release; that somebody read the queue is in the
  audit at once.
- Looking takes seconds, so it is done once a window has closed, and what may be told is
  kept; looked at again, the same forms tell the same.
- Bursts are of the window's last day alone, by the day that eligibility is judged on
  and that is forgotten at release: the instants of what raters did are for break-glass.
- What chance would give is worked out on the very network, from honest cycles that are
  made up with the variances that were found: no rate of a simulation elsewhere.

Found, and false alarms among pairs, people, raters, forms and subjects, with 2,500
people who have 10 forms of 5 items, and 6 of 8, as most of ours are
(`python -m tests.feedback.signals.simulate 10`):

====================  ============================  =====================
signal                found of those who game       false alarms
====================  ============================  =====================
reciprocal pair       0.53 and 0.50 of pairs        0.049 % and 0.045 %
ring                  of 3, 5, 8: 0.65, 0.96, 1.00  none in 50,000 people
                      and 0.63, 0.92, 0.97
straight-lining       1.00 and 0.99 of raters       0.03 % and 0.03 %
extremes alone        1.00 and 0.98 of raters       0.004 % and none
severity outlier      0.90 and 0.84 of raters       0.06 % and 0.03 %
hostile form          0.91 and 0.89 of forms        0.03 % and 0.03 %
late burst            0.53 and 0.60 of subjects     0.06 % and 0.10 %
influence             (tells what is so)            0.3 % and 1.5 %
====================  ============================  =====================
"""
