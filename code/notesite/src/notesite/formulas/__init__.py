"""Mathematics as MathML, made when the book is built."""
