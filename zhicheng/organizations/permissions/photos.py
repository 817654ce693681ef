"""Portraits, which belong to a person and not to one certificate."""

from zhicheng.organizations.permissions.action import Action
from zhicheng.organizations.permissions.granting import (
    AUDITORS,
    CLERK,
    ISSUING,
    MUNICIPAL,
    REPORTING,
    SUPERVISING,
    WORKERS,
    Labels,
    Table,
    each,
    grants,
)

PHOTOS_LABELS: Labels = {
    Action.PHOTO_VIEW: "查看照片",
    Action.PHOTO_ADD: "上传照片",
    Action.PHOTO_REMOVE: "移除照片",
}

PHOTOS: Table = {
    Action.PHOTO_VIEW: each(WORKERS, REPORTING, SUPERVISING, ISSUING, MUNICIPAL) | AUDITORS,
    Action.PHOTO_ADD: grants((CLERK, REPORTING), (CLERK, ISSUING)),
    Action.PHOTO_REMOVE: grants((CLERK, REPORTING), (CLERK, ISSUING)),
}
