"""Addresses of the tour and the handbook."""

from django.urls import path

from zhicheng.guidance import views

app_name = "guidance"
urlpatterns = [
    path("", views.start, name="start"),
    path("tour/dismiss/", views.dismiss_tour, name="dismiss"),
    path("tour/restart/", views.restart_tour, name="restart"),
    path("handbook/", views.contents, name="handbook"),
    path("handbook.pdf", views.as_pdf, name="pdf"),
    path("handbook/<slug:name>/", views.chapter, name="chapter"),
    path("pictures/<slug:name>.webp", views.picture, name="picture"),
]
