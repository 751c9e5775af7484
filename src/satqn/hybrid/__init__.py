"""The hybrid satellite–fibre protocol of shao2025.

Placement of repeaters and distillation on a fibre path, the satellite between ground stations, and
the choice between fibre only, satellite only and hybrid for every pair of users.
"""
