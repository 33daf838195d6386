"""How good an arm is: scores, and what is recorded for the reader's eye."""
