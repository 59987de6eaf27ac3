"""What decides what is computed. A change in this room executes every chapter again."""
