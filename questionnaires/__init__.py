"""What is asked. Pure: no web, no SQL, no clock, no global state."""
