"""What one config asks for: reading, checking and resolving it before any work is planned."""
