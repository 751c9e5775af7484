"""The built page of satqn: files that ``satqn serve`` hands out."""
