"""What does it cost, beside the others? One question a file; ``python -m bench`` lists them."""
