"""Addresses below /notifications/."""

from django.urls import path

from zhicheng.notifications import messenger_views, views

app_name = "notifications"
urlpatterns = [
    path("", views.Notifications.as_view(), name="list"),
    path("<int:pk>/", views.open_one, name="open"),
    path("read/", views.read_all, name="read_all"),
    path("preferences/", views.chosen, name="preferences"),
    path("address/", views.ask_address, name="ask_address"),
    path("address/confirm/", views.confirm_address, name="confirm_address"),
    path("address/forget/", views.forget_address, name="forget_address"),
    path("messengers/", messenger_views.listed, name="messengers"),
    path("messengers/new/", messenger_views.connect, name="messenger_new"),
    path("messengers/<uuid:token>/", messenger_views.detail, name="messenger"),
    path("messengers/<uuid:token>/change/", messenger_views.change, name="messenger_change"),
    path("messengers/<uuid:token>/test/", messenger_views.test, name="messenger_test"),
    path("messengers/<uuid:token>/end/", messenger_views.end, name="messenger_end"),
    path("deadlines/", views.task_deadlines, name="deadlines"),
    path("deadlines/days/", views.move_days, name="move_days"),
]
