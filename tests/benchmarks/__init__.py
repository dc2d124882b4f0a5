"""Costs and speeds. Costs are counted, speeds are ratios within one run."""
