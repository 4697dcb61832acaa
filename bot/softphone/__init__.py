"""A telephone in software for the self-check, the demo, the tests and the benchmark."""
