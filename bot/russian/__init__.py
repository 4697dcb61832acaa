"""Russian as it is said and written: units, numbers, product names, and the way back to speech."""
