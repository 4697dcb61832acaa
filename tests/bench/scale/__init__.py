"""How the index grows: the product's own code on bases of 1,000 to 1,000,000 passages."""
