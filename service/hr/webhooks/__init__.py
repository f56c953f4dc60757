"""What HR systems are told, at addresses of their own: that a feed of theirs has moved.

Decisions:
- An event names things and never says what they hold, so whoever reads it over
  somebody's shoulder learns ids; what changed is read from the feed, with a token. A
  lost event costs nothing but time. So there is no Disclosure row for one: the log of
  attempts says what was sent where.
- CloudEvents 1.0 in JSON, signed as Standard Webhooks says: receivers have libraries
  for both. An event keeps its id on every attempt and when it is replayed.
- The database queues events in the outbox, in the transaction that numbers the rows of
  the feed (m0032): nobody who writes to it can forget them.
- One event of a webhook is under way at a time, in the order of the numbers within an
  organisation and a stream; while one is not taken, those after it wait. They would
  tell of the same feed, and an address that hangs costs one attempt, not one an event.
- An address hears of nothing before it has shown that it holds the webhook's secret: so
  nobody has events, or a flood of them, sent to somebody else's server.
- Whom it may hear about is asked when an event is queued and again when it is sent.
"""
