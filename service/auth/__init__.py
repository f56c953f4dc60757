"""Who is asking, what their token allows, and the guard that checks it.

Decisions: closed by default, one declaration of access for each route; a machine's
organisations come from its token and nowhere else; Authlib decides in a pure step
between loading and committing (load, decide, commit), so that no decision waits for I/O
and nothing is written that was not decided; a key is published before it signs and
until its last token has died; an organisation's own issuer speaks for its people and
clients alone, and only as far as an operator wrote; the audit lies above this room and
is handed down to it.
"""
