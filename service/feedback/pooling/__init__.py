"""Pages of a record's pool: who can be asked, proposed and taken out until the draw.

Decision: a look at the page costs few statements; only when somebody is to be added by
rule, who shares an objective or stood in last year's pool, does it write.
"""
