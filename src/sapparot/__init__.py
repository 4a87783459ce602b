"""Sapparot: an independent, real-time count of an election that anyone can check."""
