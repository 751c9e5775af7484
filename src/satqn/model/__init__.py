"""The nouns: frozen tables of read-only columns, and the options. No algorithms live here."""
