"""SMPP 3.4: knowledge in pure modules, one session, and the gateway and receiver on top of it.

"The specification" is everywhere the SMPP Protocol Specification v3.4, Issue 1.2.
"""
