"""The address book: one include per module."""

from django.urls import include, path

from mensetsu.attending import home_views
from mensetsu.attending import urls as attending
from mensetsu.interviews import urls as interviews

urlpatterns = [
    path("", home_views.home, name="home"),
    # Every address is looked for from the top: Zoom may send hundreds of messages a second (two patterns), and a whole
    # crowd may press for a date at once.
    path("", include("mensetsu.zoom.urls")),
    path("", include("mensetsu.booking.urls")),
    path("", include("mensetsu.accounts.urls")),
    # To pages all are addresses of interviews: interviews:detail, interviews:join.
    path("", include((interviews.urlpatterns + attending.urlpatterns, interviews.app_name))),
    path("", include("mensetsu.candidates.urls")),
    path("", include("mensetsu.mail.urls")),
    path("", include("mensetsu.availability.urls")),
    path("", include("mensetsu.web.urls")),
]

handler400 = "mensetsu.web.problems.bad_request"
handler403 = "mensetsu.web.problems.forbidden"
handler404 = "mensetsu.web.problems.not_found"
handler500 = "mensetsu.web.problems.server_error"
handler429 = "mensetsu.accounts.login_views.too_many"  # asked for by the login library's limits
