"""A small static map: the country's land, its member cities as dots, one of them marked."""

from __future__ import annotations

import math
from typing import Any, Final

import pandas as pd

_SIZE: Final = 300.0  # pixels of the longer side
_MARGIN: Final = 14.0
_NARROWEST: Final = 200.0  # pixels, so that a name fits beside its dot
_FINEST: Final = 0.6  # degrees: the boundaries are too coarse to show a smaller country
_LETTER: Final = 8.5  # pixels that a letter of the name is wide, about
Point = tuple[float, float]


def locator(city: dict[str, Any], cities: pd.DataFrame, shape: Any) -> dict[str, Any] | None:
    """Draw where a city lies in its country.

    Parameters
    ----------
    city
        A row of the cities.
    cities
        Member cities, with ``city_id``, ``iso3``, ``lat``, ``lon``.
    shape
        The country's land, a shapely geometry in degrees.

    Returns
    -------
    dict or None
        ``width``, ``height``, ``path`` (the land), ``x``, ``y``, ``label`` (middle of the city's name), ``others`` (places of the
        country's other member cities). Nothing for a country that the boundaries are too coarse for.

    Notes
    -----
    Degrees, with longitudes shortened as at the middle latitude: for orientation, not for measuring.
    """
    west, south, east, north = shape.bounds
    if max(east - west, north - south) < _FINEST:
        return None
    place, width, height = _projection(west, south, east, north)
    own = cities[(cities["iso3"] == city["iso3"]) & (cities["city_id"] != city["city_id"])]
    x, y = place(city["lon"], city["lat"])
    others = [place(lon, lat) for lon, lat in zip(own["lon"], own["lat"], strict=True)]
    label = _label((x, y), others, len(city["city"]) * _LETTER / 2, (width, height))
    return {"width": round(width), "height": round(height), "path": _path(shape, place), "x": x, "y": y, "label": label,
            "others": others}  # fmt: skip


def _label(dot: Point, others: list[Point], half: float, frame: Point) -> Point:
    """Choose the place of the name: beside, above or below the dot, where it covers the fewest dots and stays inside."""
    x, y = dot
    places = [(x + half + 11, y + 5), (x - half - 11, y + 5), (x, y - 11), (x, y + 22)]
    places += [(x + half, y - 11), (x - half, y - 11), (x + half, y + 22), (x - half, y + 22)]

    def cost(place: Point) -> float:
        covered = sum(abs(ox - place[0]) < half + 5 and abs(oy - place[1] + 5) < 12 for ox, oy in others)
        inside = half <= place[0] <= frame[0] - half and 12 <= place[1] <= frame[1] - 4
        return covered + 10 * (not inside)

    best = min(places, key=cost)
    return round(best[0], 1), round(best[1], 1)


def _projection(west: float, south: float, east: float, north: float) -> tuple[Any, float, float]:
    squeeze = math.cos(math.radians((south + north) / 2))
    wide, high = (east - west) * squeeze, north - south
    scale = (_SIZE - 2 * _MARGIN) / max(wide, high)
    width = max(wide * scale + 2 * _MARGIN, _NARROWEST)
    left = (width - wide * scale) / 2

    def place(lon: float, lat: float) -> Point:
        return round((lon - west) * squeeze * scale + left, 1), round((north - lat) * scale + _MARGIN, 1)

    return place, width, high * scale + 2 * _MARGIN


def _path(shape: Any, place: Any) -> str:
    parts = getattr(shape, "geoms", [shape])
    rings = [ring for part in parts for ring in (part.exterior, *part.interiors)]
    return "".join(f"M{' '.join(_points(ring, place))}Z" for ring in rings)


def _points(ring: Any, place: Any) -> list[str]:
    points = [place(*point[:2]) for point in ring.coords]
    kept = [point for before, point in zip([None, *points], points, strict=False) if point != before]
    return [f"{x:g},{y:g}" for x, y in kept]
