"""A clock that stands still until it is set: the demo's time is that of the course's run."""

from datetime import UTC, datetime, timedelta


class Clock:
    """Gives the time that it was set to."""

    def __init__(self) -> None:
        self._now = datetime.min.replace(tzinfo=UTC)

    def __call__(self) -> datetime:
        """The time."""
        return self._now

    def set(self, moment: datetime) -> None:
        """Let it be that moment, to the second."""
        self._now = moment.astimezone(UTC).replace(microsecond=0)

    def wait(self, **time: float) -> None:
        """Let time pass, in the units of ``timedelta``."""
        self.set(self._now + timedelta(**time))
