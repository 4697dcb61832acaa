"""The evaluation: its measures, its report, and the command on small bases of its own."""
