"""The pages of constituency heads."""
