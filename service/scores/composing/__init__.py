"""How far objectives were attained, as a part of the score, and both parts together.

Decisions, for the composite version 1:

- It depends on the feedback only through what an `Outcome` has let out already, value
  and reliability as published, and on the mean and spread of a whole cycle of ten
  people or more. So it tells nothing of anybody that the feedback's own figures do not:
  whoever has no figure from feedback has no composite to work one back from.
- z_F = (value - μ)/s_p and Var = 1 - R, R the reliability published: of the fewest
  raters of the band beside it. The interval is never narrower than the evidence allows.
- Everybody in an objective, whatever their share, has its attainment whole. A share
  says who does how much of the work, and no more: it is not even read. The role gives
  the weight; an accountable owner without a contribution of their own has a lead's.
- v is what the objective weighs, in per cent. Where any of somebody's objectives has no
  weight, all count the same: a weight can be held against another, not against none.
- An objective counts from its first agreement until it is withdrawn, and a contribution
  from its acceptance until its person has left: changing a bad one so that it has to be
  agreed again does not take it off. While any that counts is not assessed there is no
  figure from objectives: the mean of the others would weigh them up in its place.
- Minimum standards are met or not met. They close a gate and are no part of the mean.
- k₀ is 2 where attainments never differ within anybody, or everybody has one objective:
  such data cannot tell people from objectives. Where people differ no more than chance
  would have it, that is an estimate, as in `service.scores`: there is no figure then.
- A figure from objectives is of 0 to 1.2, brought to 0 to 100, and drawn towards the
  mean as far as little evidence asks. A composite is of standard deviations: 50 is the
  middle, 10 are one. Neither is a rank.
- Weights of the parts, and the rule, are the framework's. Weighted, and none: the sum.
  Gate: the sum, unless a standard is not met, which settles the level without a figure.
  Lower of two: the lower, with the interval of the lower of two uncertain quantities.
- The level and points that a framework's own arithmetic gives stand beside the figure,
  from `service.records.combining` alone; never without both parts.
"""
