"""Sounds: what models read of them, spoken words made by rule, and noise."""
