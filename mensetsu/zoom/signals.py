"""The news zoom announces to whoever is above it. Receivers write rows and enqueue jobs; they never call the network.

connection_ended  connection, account, now         a Zoom account can no longer host; sent in the ending's transaction.
                                                   `account` is the name it had: the row may have lost it by now.
                                                   A receiver answers the ids of the users whom it tells, if any
meeting_lost      meeting, now                     an issued meeting no longer exists at Zoom
meeting_news      meeting, kind, at, now           what was heard of a meeting: "started", "ended", "waiting",
                                                   "admitted", "joined", "left" (participants), "changed" (at Zoom's
                                                   side: a new difference), "link" (link or passcode were changed
                                                   there), "due" (may be issued now: whoever wants it enqueues its
                                                   issue); `at` is Zoom's own time of it, `now` ours
                                                   (why a third signal: docs/decisions/0005-a-third-signal.md)
"""

from django.dispatch import Signal

connection_ended = Signal()
meeting_lost = Signal()
meeting_news = Signal()
