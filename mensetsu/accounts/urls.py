"""Addresses of accounts: the door under the login library's own names, everything else under ours."""

from django.urls import include, path

from mensetsu.accounts import joining_views, login_views, organization_views, profile_views, staff_views

door = [
    path("login/", login_views.log_in, name="account_login"),
    path("logout/", login_views.log_out, name="account_logout"),
    path("password/change/", login_views.change_password, name="account_change_password"),
    path("password/reset/", login_views.reset, name="account_reset_password"),
    path("password/reset/sent/", login_views.reset_sent, name="account_reset_password_done"),
    path(
        "password/reset/<str:uidb36>/<str:key>/",
        login_views.new_password,
        name="account_reset_password_from_key",
    ),
    path("password/reset/done/", login_views.new_password_done, name="account_reset_password_from_key_done"),
]

ours = [
    path("language/", profile_views.choose_language, name="language"),
    path("profile/", profile_views.profile, name="profile"),
    path("invitations/<str:token>/", joining_views.join, name="join"),
    path("settings/staff/", staff_views.staff, name="staff"),
    path("settings/staff/new/", staff_views.invite, name="invite"),
    path("settings/staff/<int:user_id>/", staff_views.member, name="member"),
    path("settings/staff/<int:user_id>/role/", staff_views.change_role, name="change_role"),
    path("settings/staff/<int:user_id>/invitation/", staff_views.invite_again, name="invite_again"),
    path("settings/staff/<int:user_id>/deactivation/", staff_views.deactivate, name="deactivate"),
    path("settings/staff/<int:user_id>/reactivation/", staff_views.reactivate, name="reactivate"),
    path("settings/organization/", organization_views.organization, name="organization"),
    path("settings/organization/holidays/", organization_views.add_holiday, name="add_holiday"),
    path(
        "settings/organization/holidays/<int:holiday_id>/removal/",
        organization_views.remove_holiday,
        name="remove_holiday",
    ),
]

urlpatterns = [*door, path("", include((ours, "accounts")))]
