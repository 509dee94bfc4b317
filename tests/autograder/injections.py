"""Ways to make a page run a script or fetch something, as a learner might write them.

``RAN`` is what a script does that got through; ``ELSEWHERE`` is where a page must never ask for anything.
"""

RAN = "window.ran=(window.ran||0)+1"
ELSEWHERE = "http://elsewhere.invalid"

SCRIPTS = {
    "script": f"<script>{RAN}</script>",
    "script in capitals": f"<ScRiPt>{RAN}</sCrIpT >",
    "script of a module": f'<script type="module">{RAN}</script>',
    "script behind an open tag": f"<b<script>{RAN}</script>",
    "script in a comment that ends early": f"<!--><script>{RAN}</script>-->",
    "script behind the end of what is around": f"</code></pre></div></article></main><script>{RAN}</script>",
    "script behind the end of a title": f"</title></style></textarea></noscript><script>{RAN}</script>",
    "script of an address": f'<script src="data:text/javascript,{RAN}"></script>',
    "picture that fails": f'<img src=x onerror="{RAN}">',
    "picture that fails, without blanks": f'<img/src=x/onerror="{RAN}"/>',
    "picture that fails, with a slash and a quote": f"<img src='x'onerror='{RAN}'>",
    "picture in capitals": f'<IMG SRC="x" ONERROR="{RAN}">',
    "picture with an entity in its handler": '<img src=x onerror="&#119;indow.ran=(window.ran||0)+1">',
    "picture in a paragraph that does not end": f'<p title="</p><img src=x onerror={RAN}>',
    "drawing": f'<svg onload="{RAN}"></svg>',
    "drawing with a script": f"<svg><script>{RAN}</script></svg>",
    "drawing with an animation": f'<svg><animate onbegin="{RAN}" attributeName="x" dur="1s"></svg>',
    "drawing with text from elsewhere": f'<svg><foreignObject><img src=x onerror="{RAN}"></foreignObject></svg>',
    "drawing with a style that ends": f'<svg><style><img src=x onerror="{RAN}"></style></svg>',
    "formula with a style that ends": f'<math><mtext><table><mglyph><style><img src=x onerror="{RAN}">',
    "formula around a title": f'<math><mi><mglyph><svg><mtext><style><img title="</style><img src=x onerror={RAN}>">',
    "frame with a document": f'<iframe srcdoc="<script>parent.{RAN.replace("window.", "")}</script>"></iframe>',
    "frame with an address": f'<iframe src="javascript:parent.{RAN.replace("window.", "")}"></iframe>',
    "details that open": f'<details open ontoggle="{RAN}">x</details>',
    "field with the focus": f'<input autofocus onfocus="{RAN}">',
    "choice with the focus": f'<select autofocus onfocus="{RAN}"></select>',
    "video that fails": f'<video src=x onerror="{RAN}"></video>',
    "video with a source that fails": f'<video><source onerror="{RAN}" src=x></video>',
    "audio that fails": f'<audio src=x onerror="{RAN}"></audio>',
    "object that fails": f'<object data=x onerror="{RAN}"></object>',
    "style that animates": f'<style>@keyframes k{{}}</style><b style="animation:k 1s" onanimationstart="{RAN}">x</b>',
    "something to point at": f'<b onmouseover="{RAN}">x</b>',
    "something to click": f'<b onclick="{RAN}">x</b>',
    "link": f'<a href="javascript:{RAN}">x</a>',
    "link with blanks in its scheme": f'<a href="java&#10;script:{RAN}">x</a>',
    "link with a control character": f'<a href="&#1;javascript:{RAN}">x</a>',
    "link with a document": f'<a href="data:text/html,<script>{RAN}</script>">x</a>',
    "link in a drawing": f'<svg><a xlink:href="javascript:{RAN}"><text y="20">x</text></a></svg>',
    "button with an address": f'<form><button formaction="javascript:{RAN}">x</button></form>',
    "template": f"<template><script>{RAN}</script></template><script>{RAN}</script>",
    "page that is not scripted": f'<noscript><p title="</noscript><img src=x onerror={RAN}>">',
    "list in a marquee": f'<marquee onstart="{RAN}">x</marquee>',
}
"""HTML that runs a script when it is shown, pointed at or clicked."""

FETCHES = {
    "picture": f'<img src="{ELSEWHERE}/a">',
    "picture with several addresses": f'<img srcset="{ELSEWHERE}/b 1x">',
    "picture of the same scheme": '<img src="//elsewhere.invalid/c">',
    "style": f"<style>@import '{ELSEWHERE}/d';</style>",
    "style of an element": f'<b style="background:url({ELSEWHERE}/e)">x</b>',
    "link to a style": f'<link rel="stylesheet" href="{ELSEWHERE}/f">',
    "frame": f'<iframe src="{ELSEWHERE}/g"></iframe>',
    "drawing": f'<svg><image href="{ELSEWHERE}/h" width="9" height="9"/></svg>',
    "page that goes elsewhere": f'<meta http-equiv="refresh" content="0;url={ELSEWHERE}/i">',
    "another base": f'<base href="{ELSEWHERE}/">',
    "video": f'<video poster="{ELSEWHERE}/k"></video>',
    "object": f'<object data="{ELSEWHERE}/l"></object>',
    "old background": f'<table background="{ELSEWHERE}/m"><tr><td>x</td></tr></table>',
    "field": f'<input type="image" src="{ELSEWHERE}/n">',
}
"""HTML that asks elsewhere for something as soon as it is shown."""

MARKDOWN = {
    "link": f"[x](javascript:{RAN})",
    "link with a reference": f"[x][r]\n\n[r]: javascript:{RAN}",
    "link in brackets": f"<javascript:{RAN}>",
    "link in entities": "[x](&#106;avascript:window.ran=1)",
    "picture": f'![x]({ELSEWHERE}/o "t")',
    "picture with a handler": f'![x](x"onerror="{RAN})',
    "formula": f"$\\href{{javascript:{RAN}}}{{x}}$ and $</code><script>{RAN}</script>$",
    "code": f"```html\n</code></pre><script>{RAN}</script>\n```",
    "table": f"|a|\n|-|\n|<img src=x onerror={RAN}>|",
    "attachment": f'![x](attachment:a"onerror="{RAN}.png)',
}
"""The same by means of Markdown."""

SVG = (
    f'<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" onload="{RAN}">'
    f"<script>{RAN}</script><image xlink:href='{ELSEWHERE}/p'/><style>@import '{ELSEWHERE}/q';</style></svg>"
)
