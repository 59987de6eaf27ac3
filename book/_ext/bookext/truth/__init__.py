"""What lets a number, a sentence or a picture into the book. It reads results and makes none."""
