"""Signing in on a laptop or a phone without the app: network, telephone, code."""
