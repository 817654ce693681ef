"""Made-up portraits: a light field with a darker head and shoulders."""

import io

from PIL import Image, ImageDraw


def portrait(
    width: int = 590, height: int = 826, kind: str = "JPEG", *, shade: int = 0, mode: str = "RGB"
) -> bytes:
    """A picture that passes for a passport photo; ``shade`` makes two of them differ."""
    image = Image.new("RGB", (width, height), (225, 232, 240))
    draw = ImageDraw.Draw(image)
    middle = width // 2
    draw.ellipse(
        (middle - width // 4, height // 6, middle + width // 4, height * 6 // 10),
        fill=(205, 165 - shade % 90, 140),
    )
    draw.rectangle((width // 8, height * 7 // 10, width * 7 // 8, height), fill=(40, 60, 110))
    draw.rectangle((0, 0, 20, 20), fill=(255, 0, 0))  # the corner, to see what was cut
    made = io.BytesIO()
    image.convert(mode).save(made, kind)
    return made.getvalue()


def plain(colour: int, width: int = 590, height: int = 826) -> bytes:
    """A picture of nothing."""
    made = io.BytesIO()
    Image.new("RGB", (width, height), (colour,) * 3).save(made, "JPEG")
    return made.getvalue()
