"""Help for the people in the office."""
