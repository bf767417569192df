"""How a file from outside is read: its faults with place and mend, its YAML, its CSV."""
