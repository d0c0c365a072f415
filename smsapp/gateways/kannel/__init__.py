"""Kannel by HTTP: settings, tables and texts in pure modules, and the gateway on top of them.

"Kannel" is 1.4.5 everywhere; its user's guide and gw/smsbox.c say what stands here.
"""
