"""What people send on the pages of photos."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _

from zhicheng.photos.rules import LONGEST_REASON, Crop
from zhicheng.web.forms import no_id_number


class PhotoForm(forms.Form):
    """One picture, and the part of it that the page's frame encloses."""

    photo = forms.FileField(
        label=_("照片文件"),
        help_text=_("JPEG 或 PNG，裁剪后不少于 295 × 413 像素（一寸 25 × 35 毫米，300 dpi）。"),
        widget=forms.FileInput(attrs={"accept": ".jpg,.jpeg,.png,image/jpeg,image/png"}),
    )
    crop_x = forms.FloatField(required=False, widget=forms.HiddenInput())
    crop_y = forms.FloatField(required=False, widget=forms.HiddenInput())
    crop_width = forms.FloatField(required=False, widget=forms.HiddenInput())
    crop_height = forms.FloatField(required=False, widget=forms.HiddenInput())

    def crop(self) -> Crop | None:
        """The chosen part; None when the page had no script to choose one with."""
        values = [self.cleaned_data[f"crop_{side}"] for side in ("x", "y", "width", "height")]
        return None if any(value is None for value in values) else Crop(*values)


class _SeveralFiles(forms.ClearableFileInput):
    allow_multiple_selected = True


class _FilesField(forms.FileField):
    def clean(self, data: Any, initial: Any = None) -> Sequence[UploadedFile]:
        """All of them; one missing or empty is an error as of a single file."""
        given = data if isinstance(data, (list, tuple)) else [data]
        return [super(_FilesField, self).clean(each, initial) for each in given or [None]]


class BulkForm(forms.Form):
    """Many pictures, or archives of them."""

    photos = _FilesField(
        label=_("照片文件或 ZIP 压缩包"),
        help_text=_(
            "文件名用证书编号（2026500000123.jpg）、序号（12.jpg）或序号加姓名（12-张伟.jpg）；"
            "可一次选择多个文件。竖幅证件照自动裁成一寸。"
        ),
        widget=_SeveralFiles(attrs={"accept": ".jpg,.jpeg,.png,.zip,image/jpeg,image/png"}),
    )


class RemoveForm(forms.Form):
    """Why, and which photo was seen."""

    photo = forms.IntegerField(widget=forms.HiddenInput())
    reason = forms.CharField(
        label=_("移除原因"),
        max_length=LONGEST_REASON,
        validators=[no_id_number],
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
