"""Signs the credentials of certificates: one at a time or thousands at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from zhicheng.credentials import cose, keeping, rules
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.models import KeyState, SigningKey
from zhicheng.values.refusal import Refusal


@dataclass(frozen=True)
class Signed:
    """What ``sign_batch`` gives: the QR codes' texts in the order of the claims, and the key."""

    texts: tuple[str, ...]
    key_id: str


def sign_batch(claims: Sequence[Claims], *, address: str = "") -> Signed:
    """The credentials of the claims, as texts for QR codes, signed with the active key.

    ``address`` is where the product is reached (``https://zs.example.gov.cn/``): a phone's
    camera then opens the page that checks the code. Without it the text is the digits alone.
    The day in each claim (``made_on`` on paper, ``issued_on`` as a file) must be one on which the
    active key is in use, so take today's. The same claims give the same text as long
    as the key is active; whoever must give out the same bytes later has to keep the text.

    One statement whatever the number, about 10,000 a second on a core. Call it inside the action
    that prints or issues and note ``key_id`` in its audit event; it writes nothing itself. Raises
    Refusal without an active key, without its private half, and for a day out of its use.
    """
    key = SigningKey.objects.filter(state=KeyState.ACTIVE).first()
    if key is None:
        raise Refusal(
            "credential.no_key",
            "没有使用中的签名密钥，证书的核验码无法签名，已停止。",
            clause="N18",
            mend="请市职改办负责人在“签名密钥”页面生成密钥后再办理。",
        )
    private, key_id, published = keeping.load(key), bytes.fromhex(key.key_id), key.published
    place = f"{address.rstrip('/')}/v/" if address else ""
    texts = []
    for each in claims:
        if published.objection(each.signed_on):
            raise Refusal(
                "credential.day",
                "签名日期不在签名密钥的使用期内。",
                found=each.signed_on.isoformat(),
                expected=f"{key.valid_from.isoformat()} 起",
            )
        texts.append(rules.text_of(cose.sign(rules.payload(each), key_id, private), place))
    return Signed(tuple(texts), key.key_id)
