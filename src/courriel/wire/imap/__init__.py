"""IMAP on the wire: commands to octets, frames to answers, names of folders, quirks."""
