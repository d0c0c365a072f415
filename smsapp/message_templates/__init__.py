"""Message templates (Vorlagen): texts with tags that are used again."""
