"""Make the boundary files: the eleven ASEAN member states and two insets.

    python make_boundaries.py COUNTRIES_50M COUNTRIES_10M OUTDIR

The sources are `countries-50m.json` and `countries-10m.json` of the npm package
world-atlas 2.0.2 (`npm pack world-atlas@2.0.2`; packaging under the ISC licence),
which redistributes Natural Earth 4.1.0, 1:50m and 1:10m admin-0 countries
(naturalearthdata.com). Natural Earth places its data in the public domain; it draws
boundaries as they are held on the ground, which is no statement on any claim.

`asean.topojson` holds the object `asean`, simplified along shared arcs, so that
neighbours stay exactly adjacent. `insets.topojson` holds `klang_valley` and
`singapore_strait`, cut to their boxes and not simplified. Coordinates are degrees,
WGS 84. Exterior rings run clockwise: d3 and Vega read the other direction as
"everything but", and flood the map. world-atlas has already rounded its coordinates
to about 0.0036 by 0.0017 degrees (400 by 190 m), so the insets are no finer than that.
"""

import argparse
import json
from collections.abc import Mapping
from pathlib import Path
from tempfile import TemporaryDirectory

import geopandas as gpd
import shapely
from topojson.core.topology import Topology

STATES = {  # ISO 3166-1 numeric (as world-atlas has it): alpha-3, ASEAN's spelling
    "096": ("BRN", "Brunei Darussalam"),
    "116": ("KHM", "Cambodia"),
    "360": ("IDN", "Indonesia"),
    "418": ("LAO", "Lao PDR"),
    "458": ("MYS", "Malaysia"),
    "104": ("MMR", "Myanmar"),
    "608": ("PHL", "Philippines"),
    "702": ("SGP", "Singapore"),
    "764": ("THA", "Thailand"),
    "626": ("TLS", "Timor-Leste"),
    "704": ("VNM", "Viet Nam"),
}
REGION = {"asean": [iso3 for iso3, _ in STATES.values()]}
INSETS = {"klang_valley": ["MYS"], "singapore_strait": ["IDN", "MYS", "SGP"]}
BOXES = {  # west, south, east, north, in degrees
    "klang_valley": (101.3, 2.7, 102.0, 3.4),
    "singapore_strait": (103.5, 1.15, 104.1, 1.65),
}
SIMPLIFY_DEGREES = 0.015  # at 0.02 Brunei loses 2 % of its area
SLIVER = 0.01  # degrees; a narrower gap between neighbours is a fault, not a strait
GRID = 10_000  # steps a side: about 0.005 degrees for the region, 0.0003 for the insets
REGION_MAX_BYTES, INSETS_MAX_BYTES = 60_000, 25_000


def read_states(path: Path) -> gpd.GeoDataFrame:
    """Read the states from a world-atlas file, made valid, in the order of `STATES`.

    Columns are iso3, country and geometry. Plain `make_valid` would turn four states at
    1:10m into geometry collections, which TopoJSON readers drop. Raises KeyError if a
    state is missing.
    """
    world = gpd.read_file(path, layer="countries").set_index("id")
    shapes = world.geometry.loc[list(STATES)]
    shapes = shapes.make_valid(method="structure", keep_collapsed=False)
    iso3, country = zip(*STATES.values(), strict=True)
    columns = {"iso3": iso3, "country": country}
    return gpd.GeoDataFrame(columns, geometry=shapes.array, crs="EPSG:4326")


def clip_insets(states: gpd.GeoDataFrame) -> dict[str, gpd.GeoDataFrame]:
    """Cut the states to each inset's box, keeping those with land in it."""
    return {name: states.clip(shapely.box(*box), keep_geom_type=True, sort=True) for name, box in BOXES.items()}


def encode(layers: Mapping[str, gpd.GeoDataFrame], tolerance: float) -> str:
    """Encode frames as one TopoJSON text: an object a frame, a member's id its iso3.

    `tolerance` is in degrees (Douglas-Peucker, on shared arcs); 0 leaves every vertex.
    """
    topology = Topology(
        list(layers.values()),
        object_name=list(layers),
        prequantize=False,
        toposimplify=tolerance,
        topoquantize=GRID,
        winding_order="CW_CCW",
    )
    content = topology.to_dict()
    for layer in content["objects"].values():
        for member in layer["geometries"]:
            member["id"] = member["properties"]["iso3"]
    return json.dumps(content, separators=(",", ":")) + "\n"


def has_vega_rings(shape: shapely.Geometry) -> bool:
    """Tell whether exteriors run clockwise and holes counter-clockwise."""
    parts = shapely.get_parts(shape)
    holes = [hole for part in parts for hole in part.interiors]
    exteriors = shapely.get_exterior_ring(parts)
    return not shapely.is_ccw(exteriors).any() and bool(shapely.is_ccw(holes).all())


def check_object(path: Path, name: str, iso3: list[str]) -> None:
    """Raise ValueError if an object, decoded from its file, is not what maps need."""
    frame = gpd.read_file(path, layer=name)
    shapes = frame.geometry
    faults = {
        f"members are {list(frame['iso3'])}": list(frame["iso3"]) != iso3,
        "ids differ from iso3": list(frame["id"]) != iso3,
        "a geometry is invalid": not shapes.is_valid.all(),
        "a ring runs the wrong way": not shapes.map(has_vega_rings).all(),
        "neighbours overlap or gape": not shapes.is_valid_coverage(gap_width=SLIVER),
    }
    found = [fault for fault, is_so in faults.items() if is_so]
    if found:
        raise ValueError(f"{path.name}, {name}: {'; '.join(found)}")


def write_checked(text: str, path: Path, members: Mapping[str, list[str]], max_bytes: int) -> None:
    """Write a TopoJSON text beside `path`, check it there, then rename it into place.

    Raises ValueError, and leaves `path` as it was, if a check fails.
    """
    with TemporaryDirectory(dir=path.parent) as folder:
        draft = Path(folder, path.name)
        draft.write_text(text, encoding="utf-8", newline="\n")
        if draft.stat().st_size > max_bytes:
            raise ValueError(f"{path.name}: over {max_bytes} bytes")
        for name, iso3 in members.items():
            check_object(draft, name, iso3)
        draft.replace(path)


def main() -> None:
    """Read the two sources and write the two boundary files."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("countries_50m", type=Path)
    parser.add_argument("countries_10m", type=Path)
    parser.add_argument("outdir", type=Path)
    args = parser.parse_args()
    region = encode({"asean": read_states(args.countries_50m)}, SIMPLIFY_DEGREES)
    insets = encode(clip_insets(read_states(args.countries_10m)), tolerance=0)
    args.outdir.mkdir(parents=True, exist_ok=True)
    write_checked(region, args.outdir / "asean.topojson", REGION, REGION_MAX_BYTES)
    write_checked(insets, args.outdir / "insets.topojson", INSETS, INSETS_MAX_BYTES)


if __name__ == "__main__":
    main()
