"""Collaboration scores: estimated once, at close, and shown only by rule.

Decisions, for method `mean` v1:

- μ is the mean of all form marks of the cycle, each form counting once.
- The intraclass correlation r is taken as 0.25, and s²p as a quarter of the variance of
  all form marks, when fewer than two people have two forms or more, or no two forms on
  one person differ: such data cannot tell people from forms, and r = 1 would publish
  intervals of no width.
- A REML optimum on the boundary 0 is an estimate, not a failure to make one. Putting
  0.25 there would give numbers to a cycle whose people differ least, and none to one
  with r = 0.01. Then s²p = 0 and nobody has a number: `cycle_not_estimable`. So too
  when all forms of a cycle are equal.
- Reliability and half-width follow from the number of forms alone, so either, published
  exactly, gives away the exact count. States are decided on the exact figures;
  what leaves the service is `estimate.for_release`: the figures for the fewest
  raters of the band that is published beside them. Its interval is never narrower.
- Raw averages above 4.8 or below 1.2 are shown as such, with the pull towards the
  average left out: it would give the average back by subtraction.
- A method's digest covers its source, its parameters and the thresholds of the rules: a
  change of any is a new version.

Of method `crossed` v1, which estimates how severe raters are as well, `estimation` says
the equations; it gives nobody a number where a cycle cannot tell people apart.

Decisions, on computing and publishing:

- A computation reads one snapshot after the window has closed for good, works it out
  with no transaction open, and saves all rows in one. Its id follows from what it was
  computed from and what it composed: computed again on the same, not a byte changes.
- It keeps a trace of each form that counted, under the key of the pseudonyms. So a
  score can be verified for good, though the day of an answer is forgotten at release
  and postings are corrected after it; and it is known how many raters changed.
- Publication is one release of feedback and then batches of rows, each with its rows in
  the feed; an event for each organisation closes it. It refuses scores of other forms
  than those that are released.
- What is published changes only when three raters changed since the version that is
  seen, and never takes in a form that did not count then.
- A comparison of methods keeps shares of counts rounded to five and none that rests on
  fewer than ten people either way, because anyone may read it beside the method.
"""
