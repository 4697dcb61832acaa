"""PDF documents: the text of the pages with headings, paragraphs, lists and tables."""
