"""Users, logging in, and who may do what."""
