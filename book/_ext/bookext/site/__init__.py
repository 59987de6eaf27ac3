"""The pages, and what their readers use. A change here writes them anew and executes nothing."""
