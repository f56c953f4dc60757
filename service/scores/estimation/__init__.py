"""The arithmetic of scores: forms in, estimates out, the same bytes each time.

The law: nothing here knows of time, chance, people's names or the database, and sums
are taken in an order that does not depend on the machine's cores.
"""
