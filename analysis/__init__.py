"""What the answers mean: design-based estimates, satisfaction, scores. Pure: everything comes in as arguments."""
