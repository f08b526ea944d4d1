"""The static site: executed notebooks, briefs, city pages and downloads; no server, no network, no tracking."""
