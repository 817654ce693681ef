"""What a page is for, and by which clause, where its own head has only facts about an object.

Every page says it in one sentence; most do in their ``page_purpose``. ``about`` (templatetags/ui)
adds what stands here below that. ``tests/everypage`` finds a page that says nothing.
"""

from collections.abc import Mapping

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# By the address's name: the sentence (empty where the page says it itself) and the clause.
PURPOSES: Mapping[str, tuple[str | Promise, str]] = {
    "verification:ask": ("", "N7"),
    "verification:certificate": ("", "N7"),
    "verification:verify": ("", "N7"),
    "verification:fetch": ("", "N17"),
    "verification:verify_pdf": ("", "N17"),
    "verification:report": ("", "N7"),
    "verification:report_by_code": ("", "N7"),
    "verification:holder": ("", "N7"),
    "verification:mine": (_("出具核验报告，管理已经出具的报告。"), "N7"),
    "verification:who_looked": (_("谁在何时查过这本证书，用于什么目的。"), "N7"),
    "historic:progress": ("", "N7"),
    "transparency:log": ("", "N18"),
    "reissues:progress": ("", "N10"),
    "web:login": ("", "N18"),
    "web:login_code": ("", "N18"),
    "web:password": ("", "N18"),
    "web:second_factor": ("", "N18"),
    "web:replace_second_factor": ("", "N18"),
    "web:renew_recovery_codes": ("", "N18"),
    "web:turn_off_second_factor": ("", "N18"),
    "web:logins": ("", "N18"),
    "work:list": ("", "N18"),
    "work:detail": (_("后台处理的进度和结果；可以离开本页，稍后再看。"), "N18"),
    "api_pages:documentation": ("", "N20"),
    "api_pages:key": (_("对方系统凭这个密钥能做什么、何时到期，可以更换或停用。"), ""),
    "organizations:new_account": ("", "N18"),
    "organizations:account": (_("修改账号的姓名、机构、角色，或停用账号；一人一号。"), "N18"),
    "organizations:detail": (_("机构的类别、主管部门和权限，决定登记表和证书走哪条路。"), "N3"),
    "api_pages:subscription": (_("这个接收地址收到了哪些通知，哪些没有送达。"), "N20"),
    "registers:detail": (_("逐格核对登记表：有错误的单元格已标出，改正后提交。"), "N6"),
    "registers:findings": (
        _("逐条列出检查发现的问题和核准文件的写法，可以在网页或 Excel 里改。"),
        "N6",
    ),
    "registers:missing": (_("核准文件列在本单位、登记表上还没有的人员。"), "N2"),
    "registers:paper": (_("打印附件1、上传盖章扫描件，核对纸质件与电子件是否一致。"), "N4"),
    "registers:numbers": (_("按编号规则给还没有编号的人员分配证书预编号。"), "N6"),
    "registers:versions": (_("登记表的每一个版本，谁在何时改成的。"), "N18"),
    "registers:version": (_("登记表在这个版本时的全部内容。"), "N18"),
    "registers:compare": (_("逐格比较登记表的两个版本。"), "N18"),
    "registers:history": (_("谁在何时对这份登记表做了什么。"), "N18"),
    "blanks:allotment": (_("这份登记表配发了哪些空白证书，移交和签收到哪一步。"), ""),
    "blanks:case": (_("遗失、短缺的空白证书查到哪一步，直至核销或结案。"), ""),
    "blanks:order": (_("印制单到货时逐箱清点入库，缺少和损坏的当场登记。"), ""),
    "blanks:stocktake": (_("账面与实物逐本清点，差异一律立案。"), ""),
    "blanks:exchange_register": (_("这份登记表的废旧证书，哪些可以换取新的空白证书。"), ""),
    "blanks:left_over_of": (_("这份登记表办完后剩下的空白证书怎样处理。"), ""),
    "blanks:movement": (_("空白证书的一次流转：从谁到谁、哪些编号、凭什么。"), "N18"),
    "ledger:serial": (_("这一本空白证书从印制到现在的全部去向。"), "N18"),
    "certificates:print_job": (_("按编号顺序套打，核对首张编号，打完确认结果。"), ""),
    "certificates:station": (_("这份登记表的证书逐本填制、加盖公章和钢印、发放。"), ""),
    "certificates:issued": (_("谁在何时领走了证书，签收表在哪里。"), ""),
    "certificates:transfer": (_("送盖钢印的证书在单位之间逐本点交。"), ""),
    "layouts:compare": (_("两个版式相差多少毫米，启用前核对。"), "N8"),
    "layouts:printer": (_("校准这台打印机，使文字落在证书的格子里。"), ""),
    "photos:register": (_("这份登记表各人的证书照片，缺照片的在这里补。"), ""),
    "photos:bulk": (_("一次上传一份登记表的全部照片，系统按文件名找到各人。"), ""),
    "photos:person": (_("一个人的证书照片：上传、裁剪、更换。"), "N8"),
    "reissues:application": (_("补办（换发）申请的材料、五级意见和办理进度。"), ""),
    "anomalies:detail": (_("不寻常之处和依据；看过后排除，或者立案核查。"), ""),
    "anomalies:inquiry": (_("核查的经过、材料和结论，直至结案。"), ""),
    "historic:ledger": (_("这份台账的检查结果：哪些行可以导入，哪些要先改正。"), ""),
    "selfissued:report": (_("单位报送的自行发放的证书，核对后收录供查询，或者退回更正。"), ""),
}
