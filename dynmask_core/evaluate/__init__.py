"""How good an arm is and what it costs: scores, statistics, arithmetic, and what is recorded for readers to watch."""
