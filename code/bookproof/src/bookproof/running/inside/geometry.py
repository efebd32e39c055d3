"""Get the coordinates of what is drawn: as it was given, in two or three dimensions."""

from . import words


def columns(line):
    """Return the x, the y and, of a line in space, the z of a line."""
    if hasattr(line, "get_data_3d"):
        return [words.floats(column) for column in line.get_data_3d()]
    return [line.get_xdata(False), line.get_ydata(False)]


def offsets(collection):
    """Return the x, the y and, in space, the z of the places at which a collection draws."""
    if hasattr(collection, "_offsets3d"):
        return [words.floats(column) for column in collection._offsets3d]
    return list(collection.get_offsets().T)


def has_offsets(collection):
    """Tell whether a collection draws its paths at places of their own."""
    places = collection.get_offsets()
    return len(places) > 1 or bool(places.any())


def vertices(collection):
    """Return how many paths a collection has, and all their vertices."""
    import numpy
    from matplotlib import collections

    if any(hasattr(collection, name) for name in _PATHS_IN_SPACE):
        return _in_space(collection)
    if isinstance(collection, collections.QuadMesh):
        grid = collection.get_coordinates()
        corners = grid[:-1, :-1], grid[:-1, 1:], grid[1:, 1:], grid[1:, :-1], grid[:-1, :-1]
        return corners[0][..., 0].size, numpy.concatenate(corners).reshape(-1, 2)
    if isinstance(collection, collections.TriMesh):
        mesh = collection._triangulation
        corners = mesh.get_masked_triangles()
        return len(corners), numpy.stack((mesh.x[corners], mesh.y[corners]), -1).reshape(-1, 2)
    paths = collection.get_paths()
    return len(paths), _joined([path.vertices for path in paths], 2)


_PATHS_IN_SPACE = ("_faces", "_segments3d", "_3dverts_codes")


def is_in_space(collection):
    """Tell whether a collection has three dimensions."""
    return any(hasattr(collection, name) for name in (*_PATHS_IN_SPACE, "_offsets3d"))


def _in_space(collection):
    name = next(name for name in _PATHS_IN_SPACE if hasattr(collection, name))
    paths = getattr(collection, name)
    if name == "_3dverts_codes":
        paths = [path for path, _ in paths]
    unused = getattr(collection, "_invalid_vertices", False)
    if unused is not False:  # faces with fewer corners than others are filled up
        paths = [face[~none] for face, none in zip(paths, unused, strict=True)]
    return len(paths), _joined(paths, 3)


def _joined(paths, dimensions):
    import numpy

    masked = any(isinstance(path, numpy.ma.MaskedArray) for path in paths)
    concatenate = numpy.ma.concatenate if masked else numpy.concatenate
    joined = concatenate([numpy.empty((0, dimensions)), *paths])
    return joined.filled(numpy.nan) if masked else joined


def box(patch):
    """Return the ends of a patch along x, y and, in space, z."""
    if hasattr(patch, "_segment3d"):
        return [(min(column), max(column)) for column in zip(*patch._segment3d, strict=True)]
    extents = patch.get_path().get_extents(patch.get_patch_transform())
    return [(extents.x0, extents.x1), (extents.y0, extents.y1)]
