"""Word documents: the text of a .docx with its headings, lists and tables."""
