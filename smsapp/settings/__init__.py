"""What administrators decide: module switch, senders, billing rule, countries."""
