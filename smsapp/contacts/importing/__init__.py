"""Importing contacts from a table file: upload, check, run, report."""
