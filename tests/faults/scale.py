"""How much the fault tests do: little in `make test`, much in `make faults`, by the environment."""

import os

KILLS = int(os.environ.get("FAULT_KILLS", "5"))
"""How often a process is killed at each step."""
DATABASES = os.environ.get("FAULT_DATABASES", "sqlite").split()
"""Where the sends are: sqlite, postgresql."""
QUEUE_AWAY = float(os.environ.get("FAULT_QUEUE_SECONDS", "4"))
"""How long the queue server is stopped."""
LOCKED = float(os.environ.get("FAULT_LOCK_SECONDS", "1.5"))
"""How long somebody else holds the database."""
DEEPEST = 5
"""Kills come at the first to the fifth chance, then at the first again: what is sent stays in proportion."""
