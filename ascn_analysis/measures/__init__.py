"""The measures behind `ascn_analysis.metrics`, one noun a module."""
