"""Parts of pages that the browser draws and scrubs by itself; their shared code is in ui/web."""
