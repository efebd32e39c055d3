"""The pictures that a link to a chapter shows elsewhere: 1200 × 630, drawn with the book's font."""

import re
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont
from pylopdf_fonts_zh_cn import sans_path

FOLDER = "cards"
VERSION = sha256(Path(__file__).read_bytes()).hexdigest()
WIDTH, HEIGHT, MARGIN = 1200, 630, 80
INK, QUIET, GREEN, PAPER = "#1f2328", "#59636e", "#2f855a", "#ffffff"
COLOURS = 32
# A line breaks anywhere in Chinese, but neither within a word nor before a closing mark.
WORD = re.compile(r"(?:[!-~]+|.)[，。：；？！、）」》”’]*|\s+")


class Card(NamedTuple):
    """What a card shows; `name` is what its file is called after."""

    name: str
    book: str
    title: str
    more: str
    said: str
    verified: int = 0

    @property
    def file(self) -> str:
        """Return the file's name: another for another picture, or previews would stay old."""
        digest = sha256("\0".join([VERSION, *map(str, self)]).encode()).hexdigest()
        return f"{self.name}-{digest[:8]}.png"


def draw_all(folder: Path, wanted: list[Card]) -> None:
    """Draw the cards that are missing in a folder; remove those that are not wanted."""
    files = {card.file: card for card in wanted}
    for path in folder.glob("*.png"):
        if path.name not in files:
            path.unlink()
    for name, card in files.items():
        if not (folder / name).exists():
            folder.mkdir(exist_ok=True)
            draw(card).save(folder / name)


def draw(card: Card) -> Image.Image:
    """Draw a card."""
    image = Image.new("RGB", (WIDTH, HEIGHT), PAPER)
    pen = ImageDraw.Draw(image)
    pen.rectangle((0, 0, 20, HEIGHT), fill=GREEN)
    pen.text((MARGIN, 60), card.book, QUIET, font(34))
    size = 92 if len(lines(card.title, 92)) == 1 else 72
    top = 170.0
    for line in lines(card.title, size):
        pen.text((MARGIN, top), line, INK, font(size), stroke_width=1, stroke_fill=INK)
        top += size * 1.35
    for line in lines(card.more, 44):
        pen.text((MARGIN, top + 10), line, QUIET, font(44))
        top += 44 * 1.45
    pen.text((MARGIN, 530), card.said, QUIET, font(34))
    if card.verified:
        draw_verified(pen, f"{card.verified} 处输出已核对")
    return image.quantize(COLOURS)


def draw_verified(pen: ImageDraw.ImageDraw, text: str) -> None:
    """Draw a tick and what was verified, in the lower right corner."""
    left = WIDTH - MARGIN - font(34).getlength(text)
    pen.text((left, 530), text, GREEN, font(34))
    pen.line([(left - 46, 556), (left - 34, 568), (left - 12, 542)], GREEN, 6, joint="curve")


def lines(text: str, size: int) -> list[str]:
    """Break a text into the lines that fit on a card."""
    found = [""]
    for word in WORD.findall(text):
        if font(size).getlength(found[-1] + word) > WIDTH - 2 * MARGIN:
            found.append("")
        found[-1] += word
    return found if text else []


@cache
def font(size: int) -> ImageFont.FreeTypeFont:
    """Return the book's font in a size."""
    return ImageFont.truetype(str(sans_path()), size, layout_engine=ImageFont.Layout.BASIC)
