"""The rules that every tool keeps, checked by calling all of them."""
