"""How tests start Chromium: without a window, without asking the network, and with text as wide as a desktop draws it."""

ARGUMENTS = [
    *("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run", "--disable-sync"),
    # Without a desktop around it, Chromium would fit each letter to whole pixels.
    "--font-render-hinting=none",
]
