"""The address book: one include per module."""

from django.urls import include, path

from mensetsu.interviews import home_views

urlpatterns = [
    path("", home_views.home, name="home"),
    path("", include("mensetsu.accounts.urls")),
    path("", include("mensetsu.interviews.urls")),
    path("", include("mensetsu.candidates.urls")),
    path("", include("mensetsu.zoom.urls")),
    path("", include("mensetsu.mail.urls")),
    path("", include("mensetsu.availability.urls")),
    path("", include("mensetsu.booking.urls")),
    path("", include("mensetsu.web.urls")),
]

handler400 = "mensetsu.web.problems.bad_request"
handler403 = "mensetsu.web.problems.forbidden"
handler404 = "mensetsu.web.problems.not_found"
handler500 = "mensetsu.web.problems.server_error"
handler429 = "mensetsu.accounts.login_views.too_many"  # asked for by the login library's limits
