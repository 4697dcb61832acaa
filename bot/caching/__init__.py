"""What the cache is made of: memory, Redis, and work in flight that several callers share."""
