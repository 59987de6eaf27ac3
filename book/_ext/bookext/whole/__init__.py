"""The whole book as one file to keep: as EPUB, as PDF. Not a part of the build, but made of it."""
