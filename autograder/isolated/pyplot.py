"""Pyplot's idea of the current figure: that of the workspace, as long as a test draws none of its own.

``draw(data)`` of the learner's may return nothing; a test then asks ``plt.gca()`` for what was drawn.
"""

import sys
from collections.abc import Callable
from typing import Any

_ASKED = ("gca", "gcf", "get_fignums", "fignum_exists", "close")


def answer_pyplot(ask: Callable[..., Any]) -> None:
    """Have pyplot's questions about figures answered by the workspace, if pyplot is imported here at all."""
    pyplot: Any = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    has_own = pyplot.get_fignums

    def forwarded(name: str, own: Callable[..., Any]) -> Callable[..., Any]:
        def function(*arguments: Any, **keywords: Any) -> Any:
            if has_own():
                return own(*arguments, **keywords)
            return ask("library", "matplotlib.pyplot", name, arguments, tuple(keywords.items()))

        return function

    for name in _ASKED:
        setattr(pyplot, name, forwarded(name, getattr(pyplot, name)))
