"""Addresses of people's time."""

from django.urls import path

from mensetsu.availability import feed_views, views

app_name = "availability"
urlpatterns = [
    path("availability/", views.mine, name="mine"),
    path("availability/people/", views.people, name="people"),
    path("availability/<int:user_id>/", views.person, name="person"),
    path("availability/<int:user_id>/week/", views.say_week, name="say_week"),
    path("availability/<int:user_id>/week/usual/", views.forget_week, name="forget_week"),
    path("availability/<int:user_id>/off/", views.take_off, name="take_off"),
    path("availability/off/<int:time_off_id>/removal/", views.come_back, name="come_back"),
    path("availability/<int:user_id>/busy/", views.block, name="block"),
    path("availability/busy/<int:busy_id>/removal/", views.unblock, name="unblock"),
    path("profile/calendar/", feed_views.feeds, name="feeds"),
    path("profile/calendar/opening/", feed_views.open_feed, name="open_feed"),
    path("profile/calendar/renewal/", feed_views.renew, name="renew_feed"),
    path("profile/calendar/revocation/", feed_views.revoke, name="revoke_feed"),
]
