"""Write places on an axis of dates as dates: as days since 1970 no share tells them apart."""

import datetime
import sys

from . import words


def write_on(axis):
    """Return what writes a place on an axis."""
    converter = axis.get_converter() if hasattr(axis, "get_converter") else axis.converter
    name = type(converter).__name__
    if name == "PeriodConverter":  # of pandas, which counts days, months, …
        return _period_writer(getattr(axis.axes, "freq", None))
    if name.endswith(("DateConverter", "DatetimeConverter")):
        return day
    return words.number


def day(value):
    """Write days since matplotlib's epoch as a date, with the time where it is not midnight."""
    from matplotlib import dates

    moment = dates.num2date(value).replace(tzinfo=None) + datetime.timedelta(seconds=0.5)
    return moment.isoformat(" ", "seconds").removesuffix(" 00:00:00")


def _period_writer(frequency):
    if frequency is None:
        return words.number

    def write(value):  # with the pandas that drew the axis
        return str(sys.modules["pandas"].Period(ordinal=round(float(value)), freq=frequency))

    return write
