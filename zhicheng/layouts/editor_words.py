"""The words of the editor's script, in the language of whoever looks at it."""

from django.utils.translation import gettext as _


def words() -> dict[str, str]:
    """Texts by key; ``{…}`` is filled in by the script."""
    return {
        "x": _("左"),
        "y": _("上"),
        "width": _("宽"),
        "height": _("高"),
        "size": _("字号"),
        "min_size": _("最小字号"),
        "align": _("水平"),
        "valign": _("垂直"),
        "fit": _("过长时"),
        "label": _("标签"),
        "text": _("文字"),
        "left": _("居左"),
        "center": _("居中"),
        "right": _("居右"),
        "top": _("靠上"),
        "middle": _("居中"),
        "bottom": _("靠下"),
        "shrink": _("先缩小"),
        "wrap": _("先换行"),
        "mark": _("标注 {n}"),
        "title": _("证书标题"),
        "box": _("{name}：左 {x}，上 {y}，宽 {width}，高 {height} 毫米"),
        "none": _("在左边点选一栏，或用 Tab 键移到一栏。"),
        "resize": _("拖动改变大小"),
        "saved": _("已保存，第 {revision} 次修订，{time}"),
        "saving": _("正在保存…"),
        "dirty": _("有未保存的修改"),
        "clean": _("第 {revision} 次修订"),
        "save_first": _("请先保存修改。"),
        "offline": _("连接不上服务器，修改还没有保存。请检查网络后再保存。"),
        "previewing": _("正在预览…"),
        "fits": _("样例内容都容纳得下"),
        "errors": _("{n} 处放不下或有误"),
        "warnings": _("{n} 处提示"),
        "found": _("现为"),
        "expected": _("应为"),
        "keep": _("下载我的版式（TOML）"),
        "reload": _("刷新页面，看最新的草稿"),
        "add_photo": _("增加照片栏"),
        "remove_photo": _("去掉照片栏"),
    }
