"""What people are told: announcements to a selection, and messages about single duties."""
