"""Addresses under /historic/."""

from django.urls import path

from zhicheng.historic.doors import holders
from zhicheng.historic.views import conflicts, ledgers, public, registrations

app_name = "historic"
_MINE = "register/<str:number>/"
urlpatterns = [
    path("ledgers/", ledgers.Ledgers.as_view(), name="ledgers"),
    path("ledgers/new/", ledgers.upload, name="upload"),
    path("ledgers/<int:pk>/", ledgers.detail, name="ledger"),
    path("ledgers/<int:pk>/map/", ledgers.mapping, name="map"),
    path("ledgers/<int:pk>/import/", ledgers.take, name="import"),
    path("ledgers/<int:pk>/discard/", ledgers.discard, name="discard"),
    path("ledgers/<int:pk>/take-back/", ledgers.take_back, name="take_back"),
    path("ledgers/<int:pk>/not-taken.xlsx", ledgers.not_taken, name="not_taken"),
    path("registrations/", registrations.Registrations.as_view(), name="registrations"),
    path("registrations/<int:pk>/", registrations.detail, name="registration"),
    path("registrations/<int:pk>/files/<uuid:token>/", registrations.paper, name="paper"),
    path("registrations/<int:pk>/check/", registrations.check, name="check"),
    path("registrations/<int:pk>/return/", registrations.send_back, name="return"),
    path("registrations/<int:pk>/refuse/", registrations.refuse, name="refuse"),
    path("registrations/<int:pk>/accept/", registrations.accept, name="accept"),
    path("registrations/<int:pk>/certify/", registrations.certify, name="certify"),
    path("conflicts/", conflicts.Conflicts.as_view(), name="conflicts"),
    path("conflicts/<int:pk>/", conflicts.detail, name="conflict"),
    path("conflicts/<int:pk>/decide/", conflicts.decide, name="decide"),
    path("conflicts/<int:pk>/revoke/", conflicts.revoke, name="revoke"),
    path("register/", public.start, name="register"),
    path("progress/", public.progress, name="progress"),
    path(f"{_MINE}", holders(public.draft), name="my_draft"),
    path(f"{_MINE}files/", holders(public.upload), name="my_upload"),
    path(f"{_MINE}files/<int:evidence>/remove/", holders(public.remove), name="my_remove"),
    path(f"{_MINE}files/<uuid:token>/", holders(public.paper), name="my_paper"),
    path(f"{_MINE}submit/", holders(public.submit), name="my_submit"),
    path(f"{_MINE}withdraw/", holders(public.withdraw), name="my_withdraw"),
    path(f"{_MINE}certificate.pdf", holders(public.file), name="my_file"),
    path(f"{_MINE}progress/", holders(public.status, progress=True), name="my_status"),
    path(f"{_MINE}telephone/", holders(public.telephone, progress=True), name="my_telephone"),
    path(f"{_MINE}leave/", holders(public.leave, progress=True), name="my_leave"),
]
