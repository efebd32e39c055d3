"""Dark colours for drawings whose book names none: those that matplotlib draws with by itself."""

MATPLOTLIB = {
    "#ffffff": "#131416",  # the page
    "#000000": "#f4f5f6",
    "#262626": "#dfe1e3",  # seaborn's text
    "#333333": "#d6d8db",
    "#555555": "#b4b7bb",
    "#808080": "#8d9094",
    "#b0b0b0": "#4a4e53",  # the grid
    "#cccccc": "#3a3e43",  # the frame of a legend
    "#d3d3d3": "#34383c",
    "#1f77b4": "#4a9fdc",
    "#ff7f0e": "#ff8f2e",
    "#2ca02c": "#3fb83f",
    "#d62728": "#f2605f",
    "#9467bd": "#ad86d2",
    "#8c564b": "#bd8274",
    "#e377c2": "#e584c8",
    "#7f7f7f": "#9a9da1",
    "#bcbd22": "#c6c733",
    "#17becf": "#26c9da",
    "#ff0000": "#ff5c5c",  # named by letters: r, g, b, c, m, y
    "#008000": "#2fb52f",
    "#0000ff": "#7a9bff",
    "#00bfbf": "#19c7c7",
    "#bf00bf": "#d95fd9",
    "#bfbf00": "#c4c41a",
}
"""Greys change their lightness; the colours of lines keep their hue and are told from the page."""
