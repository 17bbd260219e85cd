"""The IMAP machine: commands in flight by tag, the gate, the selected folder."""
