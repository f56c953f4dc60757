"""Managers' judgements side by side: panels that moderate them, views of consistency.

Decisions:

- What is moderated is the judgement of a named human, by the levels of the framework's
  own scale; no score is read here and none is written. The line manager's judgement and
  every event after it are kept: what stands is the last event's, or the judgement.
- A panel is of an organisation's unit, grade, or both (local), or of all of it
  (overall). An HR administrator opens it and names its members, never themselves, each
  until a date and all of the organisation. A panel is two people at least.
- Nobody moderates their own record, that of anybody above them, of whom they are
  moderated with (the notion of feedback: same organisation, cycle and grade), or the
  judgement that they gave themselves. Below them they may: panels are made of managers.
- The mid-year check and the cross-government view are no moderation: they change
  nothing and name nobody. Each is taken once a cycle by the central team, of the
  organisations that share with theirs, and read as it was shown ever after. There is no
  second table by grade alone: two ways of adding up the same people can be subtracted.
- The subject reads what became of the judgement once the cycle's `published` begins.
"""
