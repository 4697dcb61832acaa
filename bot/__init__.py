"""The call worker: a telephone assistant that answers from two knowledge bases."""
