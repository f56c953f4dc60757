"""Objectives assigned to many records at once, from templates, by copy, and from files.

Decisions:

- One call writes one separate objective for each record, linked by a template, whole or
  not at all; every rule of a single objective holds for each of them.
- The number of SQL statements does not grow with the number of objectives: all that the
  rules need to know is loaded first, then each is judged by itself, then all are
  written.
- Whoever owns or must agree to any of them is told once for the whole call, with how
  many they are; drafts are their line manager's alone, and nobody is told of them.
- A copy goes on as the same objective only where that outlives its cycle; otherwise it
  is a new one that says the same. What it was aligned to is of the old cycle, and is
  left out.
"""
