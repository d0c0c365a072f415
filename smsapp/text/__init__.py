"""What a text message is: its characters, parts, price, tags. Pure: it knows no Flask and no database."""
