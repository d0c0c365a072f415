"""One recipient's SMS on its way: states, claims, hand-over, receipts, sweep."""
