"""Addresses of the public log; none of them tells of a person."""

from django.urls import path

from zhicheng.transparency import views

app_name = "transparency"
urlpatterns = [
    path("", views.log, name="log"),
    path("checkpoint", views.checkpoint, name="checkpoint"),
    path("checkpoints/<int:pk>", views.past_checkpoint, name="past_checkpoint"),
    path("consistency", views.consistency, name="consistency"),
    path("inclusion", views.inclusion, name="inclusion"),
    path("leaves", views.leaves, name="leaves"),
]
