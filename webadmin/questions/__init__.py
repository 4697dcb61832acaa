"""What callers ask, grouped by meaning: for the reports and for the questions left unanswered."""
