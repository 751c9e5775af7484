"""The commands, one module each: words in, one call of the API, text or JSON out."""
