"""Comments read before they are shown, by somebody outside both reporting lines.

Decisions: a moderator's organisation is that of nobody in the subject's line and of
nobody in the pool: were it that of no rater only, what is missing from a queue would
tell whose words are in it. They see the words, the subject's organisation and a label
that stands for the subject in their queue alone: enough to tell whether words identify
somebody, and nothing to join them by. What nobody decided on by the release is
withheld.
"""
