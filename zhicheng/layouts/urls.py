"""Addresses of layouts and printers."""

from django.urls import path

from zhicheng.layouts import editor_views, printer_views, views

app_name = "layouts"
urlpatterns = [
    path("", views.Versions.as_view(), name="list"),
    path("new/", views.new, name="new"),
    path("printers/", printer_views.Printers.as_view(), name="printers"),
    path("printers/new/", printer_views.new, name="new_printer"),
    path("printers/<int:pk>/", printer_views.printer, name="printer"),
    path("printers/<int:pk>/rename/", printer_views.rename, name="rename_printer"),
    path("printers/<int:pk>/retire/", printer_views.retire, name="retire_printer"),
    path("printers/<int:pk>/ruler.pdf", printer_views.ruler, name="ruler"),
    path("printers/<int:pk>/test.pdf", printer_views.test_page, name="test_page"),
    path("<int:pk>/", editor_views.version, name="version"),
    path("<int:pk>/save/", editor_views.save, name="save"),
    path("<int:pk>/preview/", editor_views.preview, name="preview"),
    path("<int:pk>/toml/", editor_views.as_toml, name="as_toml"),
    path("<int:pk>/export.toml", views.export, name="export"),
    path("<int:pk>/sample.pdf", views.sample, name="sample"),
    path("<int:pk>/import/", views.import_, name="import"),
    path("<int:pk>/background/", views.background, name="background"),
    path("<int:pk>/background/remove/", views.remove_background, name="remove_background"),
    path("<int:pk>/use/", views.put_in_use, name="put_in_use"),
    path("<int:pk>/discard/", views.discard, name="discard"),
    path("<int:pk>/compare/<int:other>/", views.compare, name="compare"),
]
