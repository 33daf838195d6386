"""The documentation (Markdown), and the script that takes its pictures of the app."""
