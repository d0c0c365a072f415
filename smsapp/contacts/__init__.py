"""Companies, contacts, their numbers, the import and the block list."""
