"""The columns of 附件1 in its own order and words, and how real sheets head them."""

from zhicheng.spreadsheets.tables import Column

# The ten columns after 序号, in the form's order; keys are the fields of RegisterRow.
COLUMNS = (
    Column("certificate_number", "证书编号", ("证书预编号", "职称证书编号", "预编号", "编号")),
    Column("work_unit", "工作单位", ("单位", "单位名称", "所在单位", "现工作单位")),
    Column(
        "supervising_department", "主管部门", ("区县、主管部门", "上级主管部门"), required=False
    ),
    Column("name", "姓名", ("申报人", "申报人姓名", "人员姓名")),
    Column("sex", "性别"),
    Column("id_number", "身份证号码", ("身份证号", "身份证", "公民身份号码", "证件号码")),
    Column(
        "specialty",
        "专业名称",
        ("专业", "申报专业", "申报资格专业方向", "专业方向", "评审专业"),
    ),
    Column(
        "qualification",
        "资格名称",
        ("职称名称", "任职资格", "任职资格名称", "专业技术资格名称", "职称", "专业技术资格"),
    ),
    Column("approval_date", "批准时间", ("批准日期", "评审通过时间", "通过时间", "资格取得时间")),
    Column("document_number", "批准文号", ("文号", "批准文件文号", "核准文号", "发文文号")),
)
NUMBER = Column("number", "序号", ("编号序", "行号"), required=False)

KEYS = tuple(column.key for column in COLUMNS)
TITLES = {column.key: column.title for column in COLUMNS}
KEY_OF_TITLE = {column.title: column.key for column in COLUMNS}

CERTIFICATE_NUMBER, WORK_UNIT, SUPERVISING_DEPARTMENT, NAME, SEX = range(5)
ID_NUMBER, SPECIALTY, QUALIFICATION, APPROVAL_DATE, DOCUMENT_NUMBER = range(5, 10)
