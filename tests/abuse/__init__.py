"""Damaged and hostile inputs by the thousand, one module a door; ``python -m abuse`` in the folder of tests tries them all."""
