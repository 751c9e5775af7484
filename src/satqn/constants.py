"""Constants of nature and conventions, SI, each with its source.

Hardware values (efficiencies, fidelities, apertures) are not constants: they live in
:mod:`satqn.model.hardware` and in scenario files.
"""

SPEED_OF_LIGHT = 299_792_458.0
"""Speed of light in vacuum, m/s. Source: SI definition (CGPM 1983)."""

SPEED_OF_LIGHT_IN_FIBRE = 2.0e8
"""Speed of light in silica fibre, m/s. Source: shao2025, parameters of eq. 1."""

EARTH_RADIUS = 6_371_000.0
"""Mean radius of the spherical Earth, m. Source: shao2025; IUGG mean radius R1 is 6 371 008.8 m."""

EARTH_GM = 3.986004418e14
"""Gravitational parameter of the Earth, m^3/s^2. Source: IERS Conventions 2010, table 1.1."""

GEO_ALTITUDE = 35_786_000.0
"""Altitude of the geostationary orbit above the equator, m. Source: ITU-R S.484 (35 786 km)."""

PLANCK = 6.62607015e-34
"""Planck constant, J s. Source: SI definition (CGPM 2018)."""
