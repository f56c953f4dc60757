"""Public schemes of priorities: one data file each, as its publisher words it."""
