"""A process of its own that calls Zoom through one link as soon as somebody says so (one line on its input).

    python -m tests.races.renewing LINK CALLS [expiring]

Prints, as JSON, the address that Zoom answered to each call. `expiring`: before each the token counts as too old."""

import json
import sys
from datetime import timedelta

import django

if __name__ == "__main__":
    django.setup()
    from django.utils import timezone

    from mensetsu.zoom import tokens
    from mensetsu.zoom.models import Connection

    link = Connection.objects.select_related("organization").get(pk=int(sys.argv[1]))
    sys.stdout.write("ready\n")
    sys.stdout.flush()
    sys.stdin.readline()
    answers = []
    for _number in range(int(sys.argv[2])):
        now = timezone.now()
        if "expiring" in sys.argv:
            Connection.objects.filter(pk=link.pk).update(access_expires_at=now - timedelta(seconds=1))
        answers.append(tokens.call(link, lambda zoom: zoom.me().email, now=now))
    sys.stdout.write(json.dumps(answers))
