"""What people hold: sessions, and the registry of sessions by user name."""
