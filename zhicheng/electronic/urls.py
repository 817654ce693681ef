"""Addresses below /electronic/."""

from django.urls import path

from zhicheng.electronic import views

app_name = "electronic"
urlpatterns = [
    path("", views.Documents.as_view(), name="list"),
    path("certificates/", views.Certificates.as_view(), name="certificates"),
    path("certificates/<int:pk>/", views.certificate, name="certificate"),
    path("certificates/<int:pk>/photo/", views.add_photo, name="photo"),
    path("certificates/<int:pk>/file.pdf", views.one_file, name="file"),
    path("documents/<int:pk>/", views.document, name="document"),
    path("documents/<int:pk>/make/", views.make, name="make"),
    path("documents/<int:pk>/files.zip", views.all_files, name="files"),
    path("seal/", views.seal, name="seal"),
]
