"""Scenario to network: the one place where physics meets the graph.

``hybrid`` builds the fibre network, stations and satellite of the hybrid protocol. For plans over time,
``expand`` writes a scenario out, ``bodies`` says who is where, ``sight`` when two of them see each other,
``lines`` what is lost between them, ``making`` what is made over lines, ``fibres`` what fibres deliver,
``means`` and ``state`` what every link delivers in every slot, and ``instance`` makes the routing instance
of it. ``explain`` tells of one link at one instant.
"""
