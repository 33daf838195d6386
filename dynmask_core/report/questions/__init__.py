"""What was asked of a run, as blocks: said once, drawn by its page, by HTML and by Markdown."""
