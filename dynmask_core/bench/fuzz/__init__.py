"""Damaged and hostile inputs, thousands of them, each drawn by a number, so that any can be tried again alone.

Every input must be answered: read, or refused with the one error that has a sentence. See
`dynmask_core/docs/security.md`.
"""
