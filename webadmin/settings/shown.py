"""Values of the settings' pages in an operator's words, as filters of the templates."""


def share(value: float) -> str:
    """A number from 0 to 1 as «0,35»."""
    return f"{value:.2f}".replace(".", ",")


def threshold(value: float) -> str:
    """The same with as many digits as were typed: 0,2 is «0,20», 0,125 stays."""
    return max(share(value), f"{value:g}".replace(".", ","), key=len)


def anchor(value: float) -> str:
    """Which end of a label stands at its mark, so that it stays within the picture."""
    if value < 0.15:
        return "start"
    return "end" if value > 0.85 else "middle"


FILTERS = {"share": share, "threshold": threshold, "anchor": anchor}
