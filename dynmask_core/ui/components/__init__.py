"""Parts of pages that the browser draws and scrubs by itself; what they share lies in ui/web."""
