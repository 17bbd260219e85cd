"""Values that a user touches. They do no I/O and know no protocol."""
