"""The audit by strangers: a plain copy of what was published is checked, counted again and judged."""

from sapparot.audit.facts import AuditReport, Finding, Plan

__all__ = ["AuditReport", "Finding", "Plan"]
