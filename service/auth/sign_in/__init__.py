"""How people sign in with their department's own OpenID Connect provider, and stay so.

Decisions: identity is (issuer, subject), bound at the first sign-in to the person whose
identifier the organisation's HR system gave, and e-mail never links anybody; a session
is a row that exists or nothing, and its cookie an id of 256 random bits; forms are
guarded by a token bound to the session. Provider libraries draw addresses and check
claims; what may be fetched, whose keys count and which algorithms is decided here.
"""
