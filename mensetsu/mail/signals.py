"""The news mail announces to whoever is above it. Receivers write rows and enqueue jobs; they never call the network.

reminders_changed  group, now       when that group reminds is another question now: a rule came, went or was switched,
                                    or the group was retired or became the default; sent in the change's transaction
                                    (why: docs/decisions/0008-reminders-follow-their-rules.md)
letter_put_back    mail, now        when a letter that was in a worker's hands waits again: the server was busy or away,
                                    or the worker died. Whoever stopped letters meanwhile could not stop this one
"""

from django.dispatch import Signal

reminders_changed = Signal()
letter_put_back = Signal()
