"""How good an arm is and what it costs: scores, statistics, arithmetic."""
