"""What every request passes before its handler, and every answer after it.

Decisions: one error shape (RFC 9457) for whatever fails wherever it fails; a body is
read whole and checked once, after the guard has let its caller in and before anything
else runs; a POST with an `Idempotency-Key` and the answer kept for it commit together
or not at all; cursors are sealed, not stored; time comes in as an argument.
"""
