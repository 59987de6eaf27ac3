"""The solutions of the exercises, written as a reader writes them; the book shows them."""
