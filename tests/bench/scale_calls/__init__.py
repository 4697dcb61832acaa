"""The admin over a million calls: the data, and how fast they are listed, found and exported."""
