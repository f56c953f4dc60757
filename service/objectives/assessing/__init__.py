"""How far an objective was attained, and each contribution to it.

Decisions: the outcome is assessed by the line manager of an accountable owner and
stands once a manager of another organisation has countersigned it. In collective
accountability that is the manager of another owner, else of a contributor. Whoever
takes part rates nothing of it: where their manager takes part as well, the next above
who does not acts. Each contribution is assessed by the contributor's own line manager.
"""
