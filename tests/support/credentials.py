"""Keys and credentials for tests, without a database."""

from dataclasses import replace
from datetime import date

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from zhicheng.credentials import cose, rules
from zhicheng.credentials.claims import Claims
from zhicheng.credentials.rules import PublicKey

ADDRESS = "https://zhicheng.rlsbj.example.gov.cn/v/"
SECRET = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33)))
KEY_ID = bytes.fromhex("0a1b2c3d")
KEY = PublicKey(KEY_ID, SECRET.public_key().public_bytes_raw(), date(2026, 1, 1))
PLAIN = Claims(
    number="2018500000001",
    name="张伟",
    id_number_masked="500***********1234",
    qualification="高级工程师",
    specialty="水利水电工程",
    approval_date=date(2018, 10, 26),
    document_number="渝职改办〔2018〕150号",
    issuer="重庆市水利局",
    made_on=date(2026, 11, 25),
    blank_serial=12001,
)
UYGHUR = replace(
    PLAIN, name="阿卜杜热合曼·买买提依明·吾斯曼江", id_number_masked="650***********123X"
)
# The most that real registers bear, beside what would be hard for the list of words.
EXTREMES = {
    "common": PLAIN,
    "long minority name": UYGHUR,
    "rare characters": replace(PLAIN, name="𠮷㛃䶮𬭸"),
    "51 characters of a name": replace(
        PLAIN, name="阿卜杜热合曼·买买提依明·" * 4 + "吾斯曼", qualification="正高级工程师"
    ),
    "everything long": replace(
        UYGHUR,
        number="渝职证字2018第5001140000123号",
        name="古丽巴哈尔·阿卜杜拉·买买提吐尔逊·艾合买提江",
        qualification="三级导演（编导）",
        specialty="船舶电子电气设备运行维护与智能网联控制系统集成技术应用研究",
        document_number="渝人社职改办〔2018〕1150号",
        issuer="彭水苗族土家族自治县人力资源和社会保障局职称改革领导小组办公室",
    ),
}
# Beyond anything real: fifty rare characters, and a specialty and an office of unknown words.
ABSURD = {
    "50 Han characters": replace(PLAIN, name="".join(chr(0x5000 + 37 * i) for i in range(50))),
    "nothing in the list": replace(
        UYGHUR,
        number="渝职证字2018第5001140000123号",
        name="苏比努尔凯·帕孜丽娅特罕·萨达克提别克·沃热兹汗",
        specialty="竹木藤棕草漆器陶瓷玉雕绣锦蜡染扎花非遗传承工坊技艺数码复原",
        issuer="綦齿传动渝黔铁合金熔炼铸锻压轧（集团）有限公司綦江赶水镇厂",
    ),
}


def message_of(
    claims: Claims = PLAIN, key: Ed25519PrivateKey = SECRET, key_id: bytes = KEY_ID
) -> bytes:
    """The signed message."""
    return cose.sign(rules.payload(claims), key_id, key)


def text_of(claims: Claims = PLAIN, key: Ed25519PrivateKey = SECRET, key_id: bytes = KEY_ID) -> str:
    """What a QR code holds."""
    return rules.text_of(message_of(claims, key, key_id), ADDRESS)
