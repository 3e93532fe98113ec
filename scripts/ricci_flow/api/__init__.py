"""From Python, and from a terminal: layers of any network, measured as the workflow does it."""
