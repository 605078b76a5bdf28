"""Addresses of mail. The editor of a template is in interviews: it shows the tags of an interview."""

from django.urls import path

from mensetsu.mail import views

app_name = "mail"
urlpatterns = [
    path("settings/mail/templates/", views.templates, name="templates"),
]
