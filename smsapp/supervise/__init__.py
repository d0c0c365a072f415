"""All processes of one machine: start them together, mend what dies, leave none behind."""
