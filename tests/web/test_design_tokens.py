"""The design language's colours are readable in both themes."""

from zhicheng.web.tokens import contrast, pairs


def test_contrast_is_counted_as_wcag_does() -> None:
    assert contrast("#000", "#fff") == 21
    assert round(contrast("#777777", "#ffffff"), 2) == 4.48


def test_every_text_colour_is_readable_on_its_ground() -> None:
    assert len(pairs()) > 10
    faint = [
        (pair.name, pair.ground)
        for pair in pairs()
        if contrast(*pair.light) < 4.5 or contrast(*pair.dark) < 4.5
    ]
    assert not faint
