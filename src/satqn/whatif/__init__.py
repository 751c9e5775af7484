"""What would be if: the same demands on other architectures, a scenario under many settings, two files apart.

``architectures`` plans a network without its fibre, its HAPs, its satellites or its stores beside the whole
of it; ``pools`` and ``lift`` see to it that the whole may do what every part does. ``sweep`` works through a
grid of settings, each point a file that is kept; ``diff`` says in what two scenarios, instances or plans
differ.
"""
