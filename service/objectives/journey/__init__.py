"""Setting a shared objective, page by page, and changing one.

Decisions: the first page makes a draft, which is kept by the objective's own states, so
that nothing is lost between two pages; a page says one thing of it and leaves the rest.
What a partner is given comes off the lead's share, so that the shares stay one whole.
Once it was put to others each page saves by itself, and everyone is asked again.
"""
