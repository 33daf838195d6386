"""Asking trained models."""
