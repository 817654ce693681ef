"""Addresses under /photos/."""

from django.urls import path

from zhicheng.photos import views

app_name = "photos"
urlpatterns = [
    path("", views.Registers.as_view(), name="registers"),
    path("registers/<int:pk>/", views.People.as_view(), name="register"),
    path("registers/<int:pk>/bulk/", views.bulk, name="bulk"),
    path("registers/<int:pk>/people/<int:row>/", views.person, name="person"),
    path("registers/<int:pk>/people/<int:row>/picture.jpg", views.picture, name="picture"),
    path("registers/<int:pk>/people/<int:row>/remove/", views.remove, name="remove"),
]
