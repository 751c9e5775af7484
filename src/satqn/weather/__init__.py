"""Clouds and light of the sky: how often a site is clear, which sites are clear together, how bright it is.

``climate`` reads the table of clear skies by place and month, ``clouds`` turns it into cloud-free lines of
sight by elevation, in several places at once and from slot to slot, ``light`` gives the sky's radiance by the
Sun's elevation. Nothing here knows of links or plans.
"""
