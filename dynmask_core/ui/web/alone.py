"""A component as a page of its own: opened from disk, without a server."""

from __future__ import annotations

import base64
import json

from dynmask_core.ui.web import script, sheet

THEMES = {
    "light": {
        "background-color": "#ffffff", "text-color": "#31333f", "primary-color": "#0b6b78",
        "green-text-color": "#158237", "red-text-color": "#c2333a",
    },
    "dark": {
        "background-color": "#0e1117", "text-color": "#fafafa", "primary-color": "#5ec8c0",
        "green-text-color": "#5ce488", "red-text-color": "#ff7b7b",
    },
}  # fmt: skip
"""Values of the variables that Streamlit gives a component."""
OTHERS = {"font": "sans-serif", "code-font": "monospace"}


def bundle(name: str, *also: str) -> str:
    """The component NAME in a scope of its own, as a JavaScript expression for a page with several of them:
    {draw(…), and what `also` names of its modules}."""
    # "</" would end the script.
    code = script(name).replace("export default", "const draw =").replace("</", "<\\/")
    return f"(() => {{\n{code}\nreturn {{ {', '.join(('draw', *also))} }};\n}})()"


def page(name: str, data: bytes, *, theme: str = "light", lang: str = "en") -> str:
    """The component NAME with sealed data, as HTML. What it sends is collected in `window.sent`."""
    variables = "".join(f"--st-{key}: {value};" for key, value in (THEMES[theme] | OTHERS).items())
    # "</" would end the script.
    packed = json.dumps(base64.b64encode(data).decode())
    code = script(name).replace("export default", "const draw =").replace("</", "<\\/")
    return f"""<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{name}</title>
<style>:root {{ {variables} }} body {{ margin: 16px; background: var(--st-background-color); }} {sheet(name)}</style>
</head><body><main><div id="here"></div></main><script type="module">
{code}
const sealed = Uint8Array.from(atob({packed}), (character) => character.charCodeAt(0));
window.sent = [];
const setStateValue = (name, value) => window.sent.push([name, value]);
window.give = (data) => draw({{ data, parentElement: document.getElementById("here"), setStateValue }});
window.give(sealed);
</script></body></html>
"""
