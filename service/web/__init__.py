"""What every page stands in: shell, forms, language, assets and charts.

Decisions: pages are drawn on the server and need no script; GOV.UK Frontend 6.3.0 (MIT)
is kept here without its font, crest and icons, which belong to GOV.UK alone, and
`vendor.py` makes that copy. Each room hangs its own pages here in its `pages.py` and
keeps their templates in the folder of its name. Words are marked for gettext; Welsh is
read from `locale/cy`, a file for each room, and is a draft until a translator confirms
it. A page is for a person who signed in, never for a token; the API takes no cookie.
"""
