"""Files of scores for HR systems, made as jobs and kept until they expire.

Decisions: a file is made in one snapshot by PostgreSQL's COPY where its format allows,
and row by row where a layout maps it; what a layout maps is data, and an organisation's
own file takes its place. The file lies in the data folder, readable by the service
alone, for a day; each is one Disclosure, written when it is ready, and each download is
on the audit. A mapped file is of one organisation, as its layout is.
"""
