"""The ways out: one small interface and what implements it."""
