"""Output to the terminal; every text is escaped once, here."""
