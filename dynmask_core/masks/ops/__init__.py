"""What strategies share: random draws, rankings, evidence, gates with a gradient, attention patterns."""
