"""The benchmark: what is measured, and against what, in one run.

The law: absolute figures belong to a machine, so each figure that a target speaks of is
a ratio to a bare endpoint measured in the same run; figures are reported, never
asserted.
"""
