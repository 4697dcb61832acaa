"""The knowledge bases made searchable: preparation, passages, lexical search, scale, files."""
