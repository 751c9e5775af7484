"""The hybrid satellite–fibre protocol of shao2025: placement of repeaters, distillation, and the choice of way."""
