"""The keys as pages and strangers see them."""

from zhicheng.credentials.models import KeyState, SigningKey
from zhicheng.credentials.rules import PublicKey
from zhicheng.organizations.models import Kind, Organization


def published_keys() -> list[PublicKey]:
    """Every key that ever signed, the newest first."""
    return [key.published for key in SigningKey.objects.all()]


def active_key() -> SigningKey | None:
    """The key that signs; None when there is none."""
    return SigningKey.objects.filter(state=KeyState.ACTIVE).first()


def publisher() -> str:
    """Whose keys they are: the municipal office's name."""
    office = Organization.objects.filter(kind=Kind.MUNICIPAL_OFFICE, valid_to=None).first()
    return office.name if office else ""
