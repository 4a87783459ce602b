"""Automatic plans: asked for through a door, made by the worker, kept with what they came to."""
