"""What raters are mailed, and the form of those who cannot sign in.

Decisions: a mail names neither the subject nor anyone else, since mail is forwarded and
read by private offices, and that somebody was asked about whom is what the draw keeps
to itself. Whoever was drawn is invited at once; reminders follow the calendar; thanks
go out together when the window has closed, so that the moment of a mail tells nobody
when, or whether, a rater acted. Only the invitation of a first draw, which no rater's
act can move, shows on the list of mails that came back, at once or days later. Each
extension of a window is mailed for each request, and moves its calendar entry.

A rater whose organisation has no sign-in provider gets a link. By itself it
shows when the window closes and nothing else: mail is scanned and forwarded, so the
form, and whom it is about, is shown to whoever types the code that comes by itself.
"""
