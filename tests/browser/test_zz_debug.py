import pytest, json
from tests.browser.test_grid import Grid, faulty, filing
pytestmark = pytest.mark.django_db(transaction=True)
def test_dbg(filing, window):
    register, lines = faulty(filing)
    w = window("hospital.clerk")
    where = "(() => {const f=document.getElementById('grid-field'); return [f.value, f.selectionStart]})()"
    for variant in ("document.getElementById(\"grid-field\").blur(); document.getElementById(\"grid-field\").focus()", "document.querySelector(\".grid-over\").style.zIndex=\"auto\"", "document.querySelectorAll(\".g-row\").forEach(r=>r.remove())", "document.querySelector(\".grid-scroll\").parentElement.append(document.getElementById(\"grid-field\")); document.getElementById(\"grid-field\").focus()", "document.querySelector(\".grid-scroll\").style.overflow=\"visible\""):
        grid = Grid(w, register)
        page = grid.page
        page.evaluate(variant)
        out = []
        for c in "内科学":
            page.keyboard.type(c)
            out.append(page.evaluate(where))
        print(variant[-60:], out)
        page.keyboard.press("Escape")
