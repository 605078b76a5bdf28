"""Addresses of mail. The editor of a template is in interviews: it shows the tags of an interview."""

from django.urls import path

from mensetsu.mail import group_views, views

app_name = "mail"
urlpatterns = [
    path("settings/mail/templates/", views.templates, name="templates"),
    path("settings/mail/groups/", group_views.show_all, name="groups"),
    path("settings/mail/groups/new/", group_views.add, name="group_add"),
    path("settings/mail/groups/<int:group_id>/", group_views.show, name="group"),
    path("settings/mail/groups/<int:group_id>/name/", group_views.rename, name="group_rename"),
    path("settings/mail/groups/<int:group_id>/default/", group_views.make_default, name="group_default"),
    path("settings/mail/groups/<int:group_id>/removal/", group_views.retire, name="group_retire"),
    path("settings/mail/groups/<int:group_id>/uses/", group_views.use, name="group_use"),
    path("settings/mail/groups/<int:group_id>/rules/", group_views.add_rule, name="group_rule_add"),
    path("settings/mail/groups/rules/<int:rule_id>/", group_views.change_rule, name="group_rule"),
    path(
        "settings/mail/groups/<int:group_id>/texts/<str:purpose>/<str:receiver>/",
        group_views.texts,
        name="group_texts",
    ),
]
