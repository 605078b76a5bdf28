"""Addresses of zoom."""

from django.urls import include, path

from mensetsu.zoom import app_views, linking_views, orphan_views, switch_views, views, webhook_views

app_name = "zoom"
_settings = [
    path("", views.settings_page, name="settings"),
    path("authorization/", linking_views.authorize, name="authorize"),
    # To the letter as registered at Zoom: without a slash at the end.
    path("authorization/return", linking_views.come_back, name="return"),
    path("authorization/confirmation/", linking_views.different, name="different"),
    path("approval/", linking_views.note_approval, name="approval"),
    path("connections/<int:connection_id>/", views.use, name="use"),
    path("connections/<int:connection_id>/check/", views.check, name="check"),
    path("connections/<int:connection_id>/end/", views.disconnect, name="disconnect"),
    path("connections/<int:connection_id>/switch/", switch_views.switch, name="switch"),
    path("connections/<int:connection_id>/switch/departure/", switch_views.leave, name="switch_leave"),
    path("connections/<int:connection_id>/switch/end/", switch_views.finish, name="switch_finish"),
    path("leftovers/", orphan_views.index, name="orphans"),
    path("leftovers/<int:orphan_id>/removal/", orphan_views.remove, name="orphan_remove"),
    path("app/", app_views.app_page, name="app"),
    path("app/trial/", app_views.try_out, name="try_out"),
    path("app/common/", app_views.use_common, name="use_common"),
]
urlpatterns = [
    # First: nobody knocks as often as Zoom, and every address is looked for from the top.
    path("webhooks/zoom/<str:app_key>/", webhook_views.webhook, name="webhook"),
    path("settings/zoom/", include(_settings)),
]
