"""Where satellites are and what they see."""
