"""What a named human makes of a score, and what comes of an appeal against it.

Decisions: the subject's line manager of that day decides, by accepting a number as
evidence, by amending it, or by rejecting it; without a decision that stands nothing is
final. An amendment is the human's own judgement in words, beside the number and never
in its place. The manager may decide again, and every decision is kept. Whether the
manager is among the raters is not asked: a refusal would tell who they are, and nobody
rates their own report anyway.

The subject appeals, once against each thing: against the score while nobody has decided
on it, else against the decision. While the appeal is open nothing is decided anew. It
is settled by the countersigning manager, the next above in the line, or an HR
administrator of the record's organisation; never by the subject, the line manager,
anybody who decided on the score, or whoever answers to the subject. A decision against
which an appeal was upheld, if only in part, stands no more: the manager decides again.
An appeal that nobody settled in time stays open: to let it lapse would turn delay
against the subject. Once withdrawn it may be made again, within
the same time. A decision is on one computation of the score: after a corrected one it
stands no more.
"""
