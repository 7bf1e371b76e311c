"""What tickets are like beyond their levels' rows, measured from run folders once they are there."""
