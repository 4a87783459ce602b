"""What every slice stands on: clock, settings, problems, doors, database, object store. No subject words here."""
