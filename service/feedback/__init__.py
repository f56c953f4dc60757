"""Feedback from colleagues in other departments: drawn, sealed, released together.

Decisions: raters are drawn by the service with a recorded seed, never chosen; who the
rater is lives in one table behind one door, `confidentiality`, apart from the answers;
answers carry a random id, no time and no order; words, and the addresses and reasons of
a pool, are sealed under keys outside the database; no row that anyone else can read
moves when a rater acts, and what raters do is in no audit, log, feed or kept answer; a
window is closed by an act, so that exactly what was accepted is counted and released;
last year's pool is carried over and never last year's draw; everything is released in
one act once the window says so.
"""
