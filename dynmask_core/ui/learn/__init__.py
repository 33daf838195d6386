"""The page *Learn*: a shelf of lessons, and one lesson beside the pages that it talks about."""
