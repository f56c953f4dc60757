"""What is said of a score, in English and Welsh.

Decisions: the words are data, pinned by SHA-256, the Welsh a draft until a translator
has confirmed it; they say neither "you" nor "they", because the subject and their line
manager read the same; every state and reason has its sentence, with what would be
enough.
"""
