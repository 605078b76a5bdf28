"""Addresses of candidates: applicants, their list and files, agencies, jobs and steps."""

from django.urls import path

from mensetsu.candidates import (
    agency_views,
    detail_views,
    import_views,
    job_views,
    list_views,
    many_views,
    saved_views,
)

app_name = "candidates"
urlpatterns = [
    path("candidates/", list_views.show, name="list"),
    path("candidates/export/", list_views.export, name="export"),
    path("candidates/changes/", many_views.change_many, name="change_many"),
    path("candidates/changes/undo/", many_views.undo, name="undo"),
    path("candidates/views/new/", saved_views.create, name="view_create"),
    path("candidates/views/<int:view_id>/", saved_views.overwrite, name="view_overwrite"),
    path("candidates/views/<int:view_id>/sharing/", saved_views.share, name="view_share"),
    path("candidates/views/<int:view_id>/deletion/", saved_views.delete, name="view_delete"),
    path("candidates/new/", detail_views.create, name="create"),
    path("candidates/<int:candidate_id>/", detail_views.show, name="detail"),
    path("candidates/<int:candidate_id>/edit/", detail_views.edit, name="edit"),
    path("candidates/<int:candidate_id>/notes/", detail_views.add_note, name="add_note"),
    path("candidates/<int:candidate_id>/withdrawal/", detail_views.withdraw, name="withdraw"),
    path("candidates/<int:candidate_id>/withdrawal/end/", detail_views.reinstate, name="reinstate"),
    path("candidates/imports/new/", import_views.upload, name="import_upload"),
    path("candidates/imports/sample/", import_views.sample, name="import_sample"),
    path("candidates/imports/<int:import_id>/", import_views.show, name="import"),
    path("candidates/imports/<int:import_id>/columns/", import_views.arrange, name="import_arrange"),
    path("candidates/imports/<int:import_id>/execution/", import_views.take, name="import_take"),
    path("agencies/", agency_views.index, name="agencies"),
    path("agencies/new/", agency_views.create, name="agency_create"),
    path("agencies/<int:agency_id>/", agency_views.show, name="agency"),
    path("agencies/<int:agency_id>/edit/", agency_views.edit, name="agency_edit"),
    path("agencies/<int:agency_id>/closing/", agency_views.close, name="agency_close"),
    path("agencies/<int:agency_id>/contacts/new/", agency_views.add_contact, name="contact_create"),
    path("agencies/contacts/<int:contact_id>/", agency_views.edit_contact, name="contact_edit"),
    path("agencies/contacts/<int:contact_id>/leaving/", agency_views.note_left, name="contact_left"),
    path("settings/jobs/", job_views.index, name="jobs"),
    path("settings/jobs/new/", job_views.add, name="job_add"),
    path("settings/jobs/<int:job_id>/", job_views.show, name="job"),
    path("settings/jobs/<int:job_id>/closing/", job_views.close, name="job_close"),
    path("settings/jobs/<int:job_id>/place/", job_views.move, name="job_move"),
    path("settings/jobs/<int:job_id>/stages/", job_views.add_stage, name="stage_add"),
    path("settings/stages/<int:stage_id>/", job_views.edit_stage, name="stage_edit"),
    path("settings/stages/<int:stage_id>/place/", job_views.move_stage, name="stage_move"),
    path("settings/stages/<int:stage_id>/deletion/", job_views.remove_stage, name="stage_remove"),
]
