"""Frameworks, cycles, and appraisal records attached to HR systems' own.

The HR system owns the appraisal; this service attaches to it and never sets a marking.

- A framework is a dated, versioned preset: a data file with its source, its date and
  how sure we are of it. An unverified one says so until HR confirms it.
- A year runs from 1 April to 31 March. All dates are data: days in a preset, instants
  in UTC once a cycle has them.
"""
