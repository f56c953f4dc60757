"""Organisations, people, postings and reporting lines, and the files they come from.

Decisions:

- Every fact holds from a day to a day, [from, to); open when `valid_to` is null.
  Nothing is deleted or overwritten: a change closes one row and opens the next. A row
  closed on the day it began was recorded and corrected at once: it held on no day.
- A person is known by an identifier of a source within an organisation. Two records of
  one human in two organisations stay two until both HR administrators agree to join
  them: no import joins them, however alike they look.
- An organisation is matched by the names it goes by. A changed name closes one row and
  opens the next; a merge, a split or a new code is a row of lineage.
- An import is one transaction, one at a time, whole or nothing; with `--partial`, the
  good rows. Files are read to their end before the database is asked for anything.
- A person's rows state all of that person's postings, lines, identifiers and records in
  that organisation. A person absent from the files keeps theirs, unless the files are
  said to be complete for the organisation; then they are closed, the person stays.
- A post is not a person: the organogram never creates one, and a holder's name there is
  read only to tell filled, vacant, withheld and eliminated apart, and not kept.
- Names and e-mail addresses never reach the audit, which cannot forget: its entries
  name the dated rows that hold them, before and after.
- An import that changes nothing writes nothing, the audit included.
"""
