"""Small plots as SVG, written directly: a page with hundreds of items is drawn in a second, in the page's own colours.

Every plot has labelled axes, a title and its content in words. Nothing is told by colour alone.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape

_LEFT, _RIGHT, _TOP, _BOTTOM = 68, 26, 14, 46  # margins around the plotting area, in px


@dataclass(frozen=True)
class Axis:
    """One axis.

    Attributes:
        label: what it shows, with its unit.
        low: where it begins.
        high: where it ends.
        ticks: which values are named.
        percent: name them as per cent.
    """

    label: str
    low: float
    high: float
    ticks: tuple[float, ...]
    percent: bool = False

    def text(self, value: float) -> str:
        """A tick's name."""
        return f"{value * 100:.0f} %" if self.percent else f"{value:g}".replace("-", "\u2212")

    def share(self, value: float) -> float:
        """How far along the axis a value is, 0 to 1; values beyond it are held at its ends."""
        return min(max((value - self.low) / (self.high - self.low), 0.0), 1.0)


SHARE = (0.0, 0.25, 0.5, 0.75, 1.0)


@dataclass(frozen=True)
class Plot:
    """A plotting area and its axes; sizes in px.

    Attributes:
        x: below.
        y: at the left.
        width: of the whole picture.
        height: of the whole picture.
        right: margin at the right, for labels.
    """

    x: Axis
    y: Axis
    width: int = 420
    height: int = 280
    right: int = _RIGHT

    def at(self, x: float, y: float) -> tuple[float, float]:
        """Where a point lies in the picture."""
        across = self.width - _LEFT - self.right
        up = self.height - _TOP - _BOTTOM
        return _LEFT + across * self.x.share(x), _TOP + up * (1 - self.y.share(y))

    def line(self, points: Iterable[tuple[float, float]], style: str) -> str:
        """A line through points."""
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in (self.at(*point) for point in points))
        return f'<polyline points="{path}" fill="none" {style}/>'

    def bar(self, x: tuple[float, float], y: tuple[float, float], style: str) -> str:
        """A rectangle."""
        (left, bottom), (right, top) = self.at(x[0], y[0]), self.at(x[1], y[1])
        place = f'x="{left:.1f}" y="{top:.1f}" width="{max(right - left, 0):.1f}" height="{max(bottom - top, 0):.1f}"'
        return f"<rect {place} {style}/>"

    def interval(self, x: float, low: float, high: float) -> str:
        """An upright error bar with caps."""
        (at, bottom), (_, top) = self.at(x, low), self.at(x, high)
        caps = "".join(f"M{at - 4:.1f},{each:.1f}h8" for each in (bottom, top))
        return f'<path d="M{at:.1f},{bottom:.1f}V{top:.1f}{caps}" fill="none" stroke="var(--soft)" stroke-width="1.2"/>'

    def label(self, x: float, y: float, words: str, *, dx: float = 0, dy: float = 0, anchor: str = "start") -> str:
        """Words near a point."""
        left, top = self.at(x, y)
        return text(left + dx, top + dy, words, anchor=anchor)

    def picture(self, inside: Iterable[str], *, name: str, title: str, told: str) -> str:
        """The finished SVG.

        Args:
            inside: what is drawn.
            name: a word that is the picture's own in the page.
            title: of the picture.
            told: what it shows, in words.
        """
        head = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {self.width} {self.height}" role="img" '
            f'aria-labelledby="{name}-title {name}-desc" font-size="12" fill="var(--ink)">'
            f'<title id="{name}-title">{escape(title)}</title><desc id="{name}-desc">{escape(told)}</desc>'
        )
        return head + self._axes() + "".join(inside) + "</svg>"

    def _axes(self) -> str:
        parts = []
        left, bottom = self.at(self.x.low, self.y.low)
        right, top = self.at(self.x.high, self.y.high)
        for value in self.y.ticks:
            _, y = self.at(self.x.low, value)
            parts.append(f'<path d="M{left:.1f},{y:.1f}H{right:.1f}" stroke="var(--faint)" stroke-width="0.8"/>')
            parts.append(text(left - 7, y + 4, self.y.text(value), anchor="end"))
        for value in self.x.ticks:
            x, _ = self.at(value, self.y.low)
            parts.append(f'<path d="M{x:.1f},{bottom:.1f}v4" stroke="var(--ink)"/>')
            parts.append(text(x, bottom + 17, self.x.text(value), anchor="middle"))
        parts.append(f'<path d="M{left:.1f},{top:.1f}V{bottom:.1f}H{right:.1f}" fill="none" stroke="var(--ink)"/>')
        parts.append(text((left + right) / 2, bottom + 36, self.x.label, anchor="middle"))
        middle = (top + bottom) / 2
        turned = f'transform="rotate(-90 14 {middle:.1f})"'
        parts.append(text(14, middle, self.y.label, anchor="middle", more=turned))
        return "".join(parts)


def text(x: float, y: float, words: str, *, anchor: str = "start", more: str = "") -> str:
    """Words at a place, in px."""
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" {more}>{escape(words)}</text>'


def even_ticks(high: float, at_most: int = 5) -> tuple[float, ...]:
    """Round values from 0 to ``high`` or a little beyond."""
    if high <= 0:
        return (0.0, 1.0)
    step, power = high, 1.0
    while power * 10 <= high:
        power *= 10
    while power > high:
        power /= 10
    step = next(each * power for each in (0.2, 0.5, 1, 2, 5, 10) if high / (each * power) <= at_most)
    ticks: Sequence[float] = [0.0]
    while ticks[-1] < high - 1e-9:
        ticks = [*ticks, ticks[-1] + step]
    return tuple(round(each, 10) for each in ticks)
