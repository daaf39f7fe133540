"""Images for a person to look at: grids, animations, letters."""
