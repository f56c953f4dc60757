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
"""
