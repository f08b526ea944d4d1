"""What stands behind `ascn_analysis.widgets`: a choice, the counts under it, drawings, controls, explorers."""
