"""A class on the page *Learn*: joining it, a participant's seat, the teacher's desk, and the board."""
