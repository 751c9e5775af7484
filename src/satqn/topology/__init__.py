"""Scenario to network: the one place where physics meets the graph.

``hybrid`` builds the fibre network, stations and satellite of the hybrid protocol. For plans over time,
``expand`` writes a scenario out, ``bodies`` says who is where, ``sight`` when two of them see each other,
``lines`` what a line of sight delivers, ``state`` what every link delivers in every slot, and ``instance``
makes the routing instance of it.
"""
