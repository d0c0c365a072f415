"""How many messages are available, reserved and spent, with a ledger that adds up."""
