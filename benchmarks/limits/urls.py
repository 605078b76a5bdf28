from django.urls import path

from benchmarks.limits import views

urlpatterns = [
    path("healthz", views.healthz),
    path("list/<int:organization_id>/", views.rows),
    path("list/reader/", views.rows_of_reader),
    path("search/<int:organization_id>/", views.search),
    path("detail/<int:candidate_id>/", views.detail),
    path("insert/", views.insert),
]
