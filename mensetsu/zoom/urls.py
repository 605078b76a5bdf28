"""Addresses of zoom."""

from django.urls import path

from mensetsu.zoom import app_views, linking_views, views, webhook_views

app_name = "zoom"
urlpatterns = [
    path("settings/zoom/", views.settings_page, name="settings"),
    path("settings/zoom/authorization/", linking_views.authorize, name="authorize"),
    # To the letter as registered at Zoom: without a slash at the end.
    path("settings/zoom/authorization/return", linking_views.come_back, name="return"),
    path("settings/zoom/authorization/confirmation/", linking_views.different, name="different"),
    path("settings/zoom/approval/", linking_views.note_approval, name="approval"),
    path("settings/zoom/connections/<int:connection_id>/", views.use, name="use"),
    path("settings/zoom/connections/<int:connection_id>/check/", views.check, name="check"),
    path("settings/zoom/connections/<int:connection_id>/end/", views.disconnect, name="disconnect"),
    path("settings/zoom/app/", app_views.app_page, name="app"),
    path("settings/zoom/app/trial/", app_views.try_out, name="try_out"),
    path("webhooks/zoom/<str:app_key>/", webhook_views.webhook, name="webhook"),
]
