"""What came of a year for one person: score, reasons, feedback, decision and appeal.

Decision: a page reads all of it together, in few statements, and shows of each part
what the API shows the same person; what was read is audited as it is there.
"""
