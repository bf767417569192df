"""The demonstration campaign's made-up people and points: pure functions of a seed; services/demonstration loads them."""
