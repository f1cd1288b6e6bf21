"""The Y document of a notebook: its birth, its content as plain data, its smallest changes."""
