"""Addresses of the discipline inspector's pages."""

from django.urls import path

from zhicheng.anomalies import views, views_inquiries
from zhicheng.anomalies.views_evidence import EvidenceList

app_name = "anomalies"
urlpatterns = [
    path("", views.Anomalies.as_view(), name="list"),
    path("<int:pk>/", views.detail, name="detail"),
    path("<int:pk>/evidence/<slug:kind>/", EvidenceList.as_view(), name="evidence"),
    path("<int:pk>/set-aside/", views.set_one_aside, name="set_aside"),
    path("<int:pk>/open/", views.open_one, name="open"),
    path("<int:pk>/join/", views.join_one, name="join"),
    path("look/", views.look_now, name="look"),
    path("policy/", views.policy, name="policy"),
    path("inquiries/", views_inquiries.Inquiries.as_view(), name="inquiries"),
    path("inquiries/<int:pk>/", views_inquiries.detail, name="inquiry"),
    path("inquiries/<int:pk>/entries/", views_inquiries.add_entry, name="inquiry_entry"),
    path("inquiries/<int:pk>/close/", views_inquiries.close, name="inquiry_close"),
    path("inquiries/<int:pk>/file.pdf", views_inquiries.paper, name="inquiry_paper"),
    path("inquiries/<int:pk>/files/<str:token>/", views_inquiries.file, name="inquiry_file"),
]
