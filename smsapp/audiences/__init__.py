"""Audiences: contacts chosen by conditions."""
