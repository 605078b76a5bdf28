"""Addresses of interviews."""

from django.urls import path

from mensetsu.interviews import (
    automatic_views,
    calendar_views,
    detail_views,
    feed_views,
    fit_views,
    home_views,
    mail_views,
    my_views,
    public_views,
    rehost_views,
    schedule_views,
    template_views,
)

app_name = "interviews"
urlpatterns: list = []

# Setting, changing, cancelling; what recruiters see. The home page itself is in config/urls.py.
urlpatterns += [
    path("interviews/today/", home_views.today, name="today"),
    path("candidates/<int:candidate_id>/interviews/new/", schedule_views.create, name="create"),
    path("candidates/<int:candidate_id>/interviews/check/", schedule_views.check, name="form_check"),
    path("interviews/<int:interview_id>/", detail_views.detail, name="detail"),
    path("interviews/<int:interview_id>/change/", schedule_views.edit, name="edit"),
    path("interviews/<int:interview_id>/cancellation/", detail_views.cancel, name="cancel"),
    path("interviews/<int:interview_id>/saved/", schedule_views.saved, name="saved"),
    path("interviews/<int:interview_id>/url/", schedule_views.url_state, name="url_state"),
    path("interviews/<int:interview_id>/url/retry/", schedule_views.retry, name="retry"),
    path("interviews/<int:interview_id>/told/", detail_views.told, name="told"),
    path("interviews/<int:interview_id>/confirmation/later/", schedule_views.postpone, name="postpone"),
    path("interviews/<int:interview_id>/confirmation/waived/", detail_views.waive, name="waive"),
    path("interviews/hosts/<int:connection_id>/", rehost_views.rehost, name="rehost"),
    path("interviews/hosts/results/<int:rehosting_id>/", rehost_views.result, name="rehosting"),
    path("interviews/leavers/<int:user_id>/", rehost_views.leaver, name="leaver"),
]

# Holding it: the interviewer's page, and what applicants asked for.
urlpatterns += [
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

# What calendar programs subscribe to, and what does not fit people's time.
urlpatterns += [
    path("calendar/<str:token>.ics", feed_views.feed, name="feed"),
    path("availability/<int:user_id>/interviews/", fit_views.unfitting, name="unfitting"),
]
