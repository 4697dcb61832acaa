"""Several workers for one Asterisk: who takes which caller, who starts, drains and clears up."""
