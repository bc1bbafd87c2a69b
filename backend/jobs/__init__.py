"""What runs by itself, once, whatever the number of processes."""
