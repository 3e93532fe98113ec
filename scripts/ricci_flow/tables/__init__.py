"""Every table of a study, declared once: columns, types, meanings, units."""
