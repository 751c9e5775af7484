"""Link physics: pure functions, SI, broadcasting over arrays; each names its paper and equation."""
