"""What a person reads in the terminal; every text is escaped once, here."""
