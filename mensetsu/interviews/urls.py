"""Addresses of interviews; those of their day are in attending/urls.py."""

from django.urls import path

from mensetsu.interviews import (
    adopt_views,
    automatic_views,
    detail_views,
    difference_views,
    fit_views,
    mail_views,
    notice_views,
    preflight_views,
    rehost_views,
    schedule_views,
    template_views,
)

app_name = "interviews"
urlpatterns: list = []

# Setting, changing, cancelling; what recruiters see.
urlpatterns += [
    path("candidates/<int:candidate_id>/interviews/new/", schedule_views.create, name="create"),
    path("candidates/<int:candidate_id>/interviews/check/", schedule_views.check, name="form_check"),
    path("interviews/<int:interview_id>/", detail_views.detail, name="detail"),
    path("interviews/<int:interview_id>/change/", schedule_views.edit, name="edit"),
    path("interviews/<int:interview_id>/cancellation/", detail_views.cancel, name="cancel"),
    path("interviews/<int:interview_id>/saved/", schedule_views.saved, name="saved"),
    path("interviews/<int:interview_id>/url/", schedule_views.url_state, name="url_state"),
    path("interviews/<int:interview_id>/url/retry/", schedule_views.retry, name="retry"),
    path("interviews/<int:interview_id>/preflight/", preflight_views.again, name="preflight"),
    path("interviews/<int:interview_id>/told/", detail_views.told, name="told"),
    path("interviews/<int:interview_id>/confirmation/later/", schedule_views.postpone, name="postpone"),
    path("interviews/<int:interview_id>/confirmation/waived/", detail_views.waive, name="waive"),
    path("interviews/hosts/<int:connection_id>/", rehost_views.rehost, name="rehost"),
    path("interviews/hosts/results/<int:rehosting_id>/", rehost_views.result, name="rehosting"),
    path("interviews/leavers/<int:user_id>/", rehost_views.leaver, name="leaver"),
    path("interviews/<int:interview_id>/adoption/", adopt_views.adopt, name="adopt"),
    path("interviews/differences/", difference_views.index, name="differences"),
    path("interviews/differences/<int:difference_id>/", difference_views.decide, name="difference"),
]

# Telling people: letters, and the texts they are made from.
urlpatterns += [
    path("interviews/<int:interview_id>/mails/new/", mail_views.compose, name="compose"),
    path("interviews/<int:interview_id>/mails/preview/", mail_views.preview, name="letter"),
    path("interviews/<int:interview_id>/mails/draft/", mail_views.keep_draft, name="draft"),
    path("interviews/<int:interview_id>/mails/sent/", mail_views.sent, name="mails_sent"),
    path("interviews/<int:interview_id>/mails/undo/", mail_views.undo, name="mails_undo"),
    path("interviews/mails/<int:mail_id>/", mail_views.mail, name="mail"),
    path("interviews/mails/<int:mail_id>/resending/", mail_views.resend, name="mail_resend"),
    path("interviews/mails/<int:mail_id>/settlement/", mail_views.settle, name="mail_settle"),
    path("interviews/<int:interview_id>/mails/stop/", automatic_views.stop_all, name="mails_stop"),
    path("interviews/mails/<int:mail_id>/stop/", automatic_views.stop_mail, name="mail_stop"),
    path("interviews/reminders/<int:reminder_id>/stop/", automatic_views.stop_reminder, name="reminder_stop"),
    path(
        "interviews/withheld/<int:withheld_id>/settlement/",
        automatic_views.settle_withheld,
        name="withheld_settle",
    ),
    path("interviews/notices/<uuid:notice_id>/resending/", notice_views.send_again, name="notice_resend"),
    path("interviews/notices/<uuid:notice_id>/settlement/", notice_views.settle, name="notice_settle"),
    path("settings/mail/tags/", mail_views.tag_list, name="tags"),
    path("settings/mail/templates/new/", template_views.add, name="template_add"),
    path("settings/mail/templates/preview/", template_views.preview, name="template_preview"),
    path("settings/mail/templates/<int:template_id>/", template_views.edit, name="template"),
    path(
        "settings/mail/templates/<int:template_id>/restoration/",
        template_views.restore,
        name="template_restore",
    ),
    path("settings/mail/templates/<int:template_id>/removal/", template_views.retire, name="template_retire"),
    path(
        "settings/mail/templates/versions/<int:version_id>/", template_views.version, name="template_version"
    ),
]

# What does not fit people's time.
urlpatterns += [
    path("availability/<int:user_id>/interviews/", fit_views.unfitting, name="unfitting"),
]
