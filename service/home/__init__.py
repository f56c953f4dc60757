"""The first page of everybody who signs in: what waits for them, by when it is due.

Decisions: each room says what waits for somebody by the rules that let them do it, and
this one only gathers it. What is done is not listed, and nothing tells what others did.
"""
