"""Addresses of the day of an interview. To pages they are addresses of interviews, and have their names
(`interviews:join`): config/urls.py puts both lists together. The home page itself is there, too."""

from django.urls import path

from mensetsu.attending import calendar_views, feed_views, home_views, my_views, public_views

urlpatterns: list = []

# Holding it: the interviewer's page, and what applicants asked for.
urlpatterns += [
    path("interviews/today/", home_views.today, name="today"),
    path("interviews/", my_views.mine, name="mine"),
    path("interviews/calendar/", calendar_views.show, name="calendar_page"),
    path("interviews/<int:interview_id>/start/", my_views.start, name="start"),
    path("interviews/<int:interview_id>/outcome/", my_views.outcome, name="outcome"),
    path("interviews/<int:interview_id>/interview.ics", my_views.calendar_file, name="calendar"),
    path("interviews/requests/<int:request_id>/handled/", my_views.request_handled, name="request_handled"),
    path(
        "interviews/requests/<int:request_id>/withdrawal/",
        my_views.withdrawal_accepted,
        name="withdrawal_accepted",
    ),
]

# The join page behind a token.
urlpatterns += [
    path("j/<str:token>/", public_views.join, name="join"),
    path("j/<str:token>/join/", public_views.enter, name="join_enter"),
    path("j/<str:token>/day/", public_views.report, name="join_day"),
    path("j/<str:token>/invite.ics", public_views.invitation, name="join_calendar"),
    path("j/<str:token>/requests/<str:kind>/", public_views.ask, name="join_ask"),
    path("j/<str:token>/requests/<str:kind>/sent/", public_views.sent, name="join_sent"),
]

# What calendar programs subscribe to.
urlpatterns += [
    path("calendar/<str:token>.ics", feed_views.feed, name="feed"),
]
