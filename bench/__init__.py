"""What StoryHub's pages cost, as ratios to the plainest thing that could do the same on the same machine."""
