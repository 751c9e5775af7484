"""Plans for other programs: GeoJSON, GraphML, CZML, NetCDF and CSV, all with units in names or attributes."""
