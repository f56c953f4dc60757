"""How a rater gives feedback on pages: one form, its check, its end.

Decisions: there is one page to fill in, whoever came to it and however: somebody who
signed in and somebody with a link and a code meet the same form. Of each behaviour the
lowest and the highest level are described beside the answers, and those between them
under a line that opens: so the form is read in under five minutes with nothing taken
out. An example is asked for where an answer wants one, by style alone, so that no
script is needed. What a rater wrote is kept whatever else was wrong; words that may
tell who they are are shown once before they are sent.
"""
