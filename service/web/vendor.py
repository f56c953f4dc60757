"""Makes `static/` from the npm package govuk-frontend; run by whoever upgrades it.

The law: what belongs to GOV.UK alone (its font, crest, icons) is not kept.

    python -m service.web.vendor govuk-frontend-6.3.0.tgz   # from `npm pack`
"""

import hashlib
import json
import re
import sys
import tarfile
from pathlib import Path
from typing import Final

ASSETS: Final = Path(__file__).parent / "static"
FONT: Final = 'font-family:"Helvetica Neue",Helvetica,Arial,sans-serif'
FOLDER: Final = "package/dist/govuk/"
CSS: Final = "govuk-frontend.min.css"
JS: Final = "govuk-frontend.min.js"


def without_brand(css: str) -> str:
    """Return GOV.UK Frontend's styles without its font and crest."""
    css = re.sub(r"@font-face\{[^}]*GDS Transport[^}]*\}", "", css)
    css = re.sub(r'font-family:"?GDS Transport"?,arial,sans-serif', FONT, css)
    css = re.sub(r"url\([^)]*govuk-crest\.svg\)", "none", css)
    css = re.sub(r"/\*# sourceMappingURL=.*?\*/", "", css)
    if left := re.search(r"GDS Transport|crest\.svg|/assets/", css):
        sys.exit(f"{left[0]} is left in {CSS}: it is written otherwise than before.")
    return css


def main() -> None:
    """Replace what is kept of the package by what an archive of it holds."""
    archive = Path(sys.argv[1])
    with tarfile.open(archive) as package:
        css, js, about = (
            package.extractfile(name)
            for name in (FOLDER + CSS, FOLDER + JS, "package/package.json")
        )
        if css is None or js is None or about is None:
            sys.exit(f"{archive} is not the package govuk-frontend.")
        version = json.load(about)["version"]
        styles = without_brand(css.read().decode())
        script = re.sub(r"//# sourceMappingURL=.*", "", js.read().decode())
    (ASSETS / CSS).write_text(styles, encoding="utf-8")
    (ASSETS / JS).write_text(script, encoding="utf-8")
    (ASSETS / "govuk-frontend.json").write_text(
        json.dumps(
            {
                "version": version,
                "sha512": hashlib.sha512(archive.read_bytes()).hexdigest(),
            }
        )
        + "\n",
        encoding="utf-8",
    )


if __name__ == "__main__":
    main()
