"""Addresses of web."""

from django.urls import path

from mensetsu.web import views

app_name = "web"
urlpatterns = [
    path("settings/", views.settings, name="settings"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
    path("robots.txt", views.robots, name="robots"),
]
