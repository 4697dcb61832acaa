"""Documents an operator may upload: good, odd, broken and hostile ones."""
