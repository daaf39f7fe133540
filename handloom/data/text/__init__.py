"""Text: labelled tables, running text, tokenizers, word vectors."""
